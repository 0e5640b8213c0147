"""The office (机构): organisations, people, what they may do, and how they come in."""
