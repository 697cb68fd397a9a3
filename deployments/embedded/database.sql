CREATE DATABASE IF NOT EXISTS `{database}` DEFAULT CHARACTER SET utf8mb4 DEFAULT COLLATE utf8mb4_bin;

CREATE USER IF NOT EXISTS %(migrator)s@'%%' IDENTIFIED BY %(migrator_password)s;

CREATE USER IF NOT EXISTS %(writer)s@'%%' IDENTIFIED BY %(writer_password)s;

ALTER USER %(migrator)s@'%%' IDENTIFIED BY %(migrator_password)s;

ALTER USER %(writer)s@'%%' IDENTIFIED BY %(writer_password)s;

GRANT ALL ON `{database_pattern}`.* TO %(migrator)s@'%%' WITH GRANT OPTION;
