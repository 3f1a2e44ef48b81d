DROP TABLE feasibility_answer;
DROP TABLE feasibility_question;
DROP TABLE decision;
DROP TABLE study_file;
DROP TABLE blob;
DROP TABLE study_transition;
DROP TABLE study;
