results.order.push('deferred');
