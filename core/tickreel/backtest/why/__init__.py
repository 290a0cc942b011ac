"""Why an order of a run was filled, or not: its steps, its way through the queue, the market around it."""
