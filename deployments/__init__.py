"""Where the project runs: environments, embedded servers, set-up, blocks, the demo."""
