alter table feed_polls
  add column version text,
  add column fields text[] not null default '{}';
comment on column feed_polls.version is 'The version of GBFS as the feed says it; null where it says none, or no document was read.';
comment on column feed_polls.fields is 'Names of the fields that any station of the document has a value in, sorted, at most 64.';
