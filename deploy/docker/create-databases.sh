#!/bin/sh
# One role and one database each for Velocast, the schema registry and MLflow. Run once, by the image's entry point, on an
# empty volume. Velocast's role may create databases: tests clone theirs from a template.
set -eu

for name in velocast registry mlflow; do
  createdb=""
  [ "$name" != velocast ] || createdb=createdb
  psql --username=postgres --dbname=postgres --set=ON_ERROR_STOP=1 --set=password="$POSTGRES_PASSWORD" <<SQL
create role $name login $createdb password :'password';
create database $name owner $name template template0;
SQL
done

# What libs/db/roles.sql grants rights to; velocast may give them to the log-ins of others.
for group in velocast_writer velocast_reader velocast_dashboard; do
  psql --username=postgres --dbname=postgres --set=ON_ERROR_STOP=1 <<SQL
create role $group nologin;
grant $group to velocast with admin option;
SQL
done

psql --username=velocast --dbname=velocast --set=ON_ERROR_STOP=1 --command='create extension timescaledb'
