const ADVICE: readonly (readonly [said: RegExp, advice: string])[] = [
  [
    /address already in use|port is already allocated|ports are not available/i,
    'Somebody else listens on that port: stop it, or move the servers. VELOCAST_PORT_OFFSET=100 moves all ports at once, VELOCAST_KAFKA_PORT and its like one.',
  ],
  // Before the password: the server refuses a role that is not there as it refuses a wrong password.
  [
    /role "\w+" does not exist|database "\w+" does not exist|no pg_hba\.conf entry|server configuration file|pg_control|not a valid data directory/i,
    'The first start was cut short while the databases were made. Begin anew: docker compose down --volumes',
  ],
  [
    /password authentication failed/,
    'The database was made with another password, by an earlier checkout perhaps. Put that one into .env as VELOCAST_DATABASE_PASSWORD; or begin without the old data: docker compose down --volumes',
  ],
  [
    /cannot connect to the docker daemon|error during connect|unexpected EOF/i,
    'The Docker engine has gone away. Start it, and run the same command again: it goes on where it was.',
  ],
  [
    /requires buildx/i,
    "Docker's buildx plugin is too old for its compose plugin: install the package docker-buildx-plugin from Docker, or docker-buildx from Debian or Ubuntu, anew.",
  ],
  [
    /no space left on device/i,
    'The disk is full. `docker system df` says what Docker holds of it, `docker system prune` gives back what nothing uses.',
  ],
  [
    /no such host|i\/o timeout|TLS handshake|toomanyrequests|pull access denied|failed to (resolve|do request)|request canceled/i,
    'An image could not be fetched: the first start needs Docker Hub, or a mirror of it, and PyPI.',
  ],
]

/** What to do about a failure of Docker Compose, by what it and the servers printed; null when their words must do. */
export const adviceOnDocker = (output: string): string | null =>
  ADVICE.find(([said]) => said.test(output))?.[1] ?? null
