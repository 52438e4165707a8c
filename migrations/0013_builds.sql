-- Which build of its tables a projection's rows are: 1 is the one that was filled while the log was written, and each
-- rebuild makes the next. Builds that are not live have schemas of their own, such as orders_2.
alter table projection add column build integer not null default 1;
