"""The audit trail (留痕): every change of every tracked row, whoever made it, and why."""
