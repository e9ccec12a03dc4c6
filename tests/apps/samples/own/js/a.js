results.order.push('a');
