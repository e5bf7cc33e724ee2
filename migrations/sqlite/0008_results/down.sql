DROP TABLE reporting_dates;
DROP TABLE indicator_values;
DROP TABLE indicators;
