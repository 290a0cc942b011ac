"""Why an order was filled, or not: its steps, its queue, the price around it, and both books."""
