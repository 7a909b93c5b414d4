"""The paper's tables and figures from data: runs are planned, made once, evaluated, and set beside what was published."""
