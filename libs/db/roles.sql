-- Two roles for those who do not want services to own the tables: log-ins are granted one of them.
-- Run after every migration. Does nothing where the owner may not create roles and nobody has created them.
do $$
declare
  role_name text;
begin
  foreach role_name in array array['velocast_writer', 'velocast_reader'] loop
    if exists (select from pg_roles where rolname = role_name) then
      continue;
    end if;
    if not exists (select from pg_roles where rolname = current_user and (rolcreaterole or rolsuper)) then
      return;
    end if;
    begin
      execute format('create role %I nologin', role_name);
    exception when duplicate_object or unique_violation then
      -- Roles belong to the whole server: another database is being migrated at this moment.
      null;
    end;
  end loop;

  execute format('grant connect, temporary on database %I to velocast_writer', current_database());
  execute format('grant connect on database %I to velocast_reader', current_database());
  grant usage on schema public to velocast_writer, velocast_reader;
  grant select on all tables in schema public to velocast_reader;
  grant select, insert, update, delete on all tables in schema public to velocast_writer;
  revoke insert, update, delete on schema_migrations from velocast_writer;
end
$$;
