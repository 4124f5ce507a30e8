DROP TABLE check_switch;
DROP TABLE bounce;
