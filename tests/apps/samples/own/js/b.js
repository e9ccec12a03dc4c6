results.order.push('b');
