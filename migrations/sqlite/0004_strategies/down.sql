DROP TABLE measures;
DROP TABLE sub_goals;
DROP TABLE goal_areas;
DROP TABLE success_factors;
DROP TABLE strategies;
DROP TABLE municipalities;
