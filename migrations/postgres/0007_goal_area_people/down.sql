DROP TABLE measure_notes;
DROP TABLE working_group_members;
DROP TABLE goal_area_stakeholders;
