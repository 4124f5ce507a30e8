DROP TABLE record_trace;
