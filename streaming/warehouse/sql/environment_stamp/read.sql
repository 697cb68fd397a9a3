SELECT environment FROM environment_stamp;
