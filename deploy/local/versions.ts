/** What the local stack is made of. A changed version is a new folder in the cache; the old one stays for other checkouts. */
export const versions = {
  debianSuite: 'trixie',
  postgres: '17',
  java: '21',
  kafka: '4.3.1',
  registry: '3.3.3',
  mlflow: '3.17.2',
} as const
