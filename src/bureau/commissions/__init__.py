"""Commissions (计算委托): an official orders a run, a worker computes it, a second person accepts it, it is published."""
