-- Roles for those who do not want services to own the tables: log-ins are granted one of them. velocast_dashboard reads
-- the tables of the system before Velocast (0015_old_tables) and nothing else.
-- Run after every migration. A role that is not there is made where the owner may do that, and else left out.
do $$
declare
  may_create boolean := (select rolcreaterole or rolsuper from pg_roles where rolname = current_user);
  role_name text;
  view_name text;
begin
  foreach role_name in array array['velocast_writer', 'velocast_reader', 'velocast_dashboard'] loop
    if not exists (select from pg_roles where rolname = role_name) then
      continue when not may_create;
      begin
        execute format('create role %I nologin', role_name);
      exception when duplicate_object or unique_violation then
        -- Roles belong to the whole server: another database is being migrated at this moment.
        null;
      end;
    end if;
    execute format('grant connect on database %I to %I', current_database(), role_name);
    execute format('grant usage on schema public to %I', role_name);
    case role_name
      when 'velocast_writer' then
        execute format('grant temporary on database %I to velocast_writer', current_database());
        grant select, insert, update, delete on all tables in schema public to velocast_writer;
        revoke insert, update, delete on schema_migrations from velocast_writer;
      when 'velocast_reader' then
        grant select on all tables in schema public to velocast_reader;
      when 'velocast_dashboard' then
        foreach view_name in array array[
          'bike_stations', 'bike_station_status', 'weather_data', 'features', 'predictions', 'model_performance',
          'data_quality_checks', 'latest_station_status', 'hourly_demand', 'daily_station_stats'
        ] loop
          continue when to_regclass(view_name) is null;
          execute format('grant select on %I to velocast_dashboard', view_name);
        end loop;
    end case;
  end loop;
end
$$;
