alter table feed_polls
  add column oddity_rules text[] not null default '{}',
  add column oddity_counts integer[] not null default '{}',
  add constraint as_many_counts_as_rules check (cardinality(oddity_rules) = cardinality(oddity_counts));
comment on column feed_polls.oddity_rules is 'What the document did differently from its specification, by name.';
comment on column feed_polls.oddity_counts is 'How many stations or values each of oddity_rules concerns.';
