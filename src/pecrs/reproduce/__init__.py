"""The paper's tables and figures from data: runs are planned, made once, and set beside what was published."""
