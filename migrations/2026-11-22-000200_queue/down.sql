DROP TABLE queue_control;
DROP TABLE job_tick;
DROP TABLE job_error;
DROP TABLE job;
