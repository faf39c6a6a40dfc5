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

psql --username=velocast --dbname=velocast --set=ON_ERROR_STOP=1 --command='create extension timescaledb'
