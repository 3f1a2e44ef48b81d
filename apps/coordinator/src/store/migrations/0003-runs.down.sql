DROP TABLE run_summary;
DROP TABLE own_release;
DROP TABLE run_message;
DROP TABLE run;
