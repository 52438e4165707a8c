/**
 * What tables look like, as the catalog has it: to make the same ones in another schema, and to see whether two sets of
 * them can stand in for each other.
 */
import { sql } from 'kysely';
import type { Database, Db } from '../database.ts';

export type Relations = {
  readonly tables: readonly (keyof Database)[];
  readonly views: readonly (keyof Database)[];
};

/** One line for each column, index and constraint. Equal texts: the same tables, wherever they are. */
export const structureOf = async (db: Db, schema: string, relations: Relations): Promise<string> => {
  const { rows } = await sql<{ line: string }>`
    with relation as (${relationsIn(schema, [...relations.tables, ...relations.views])}), line (text) as (
      select concat_ws(' ', name, kind, persistence, options, partition_key, bound) from relation
      union all
      select concat_ws(' ', name, 'column',
        row_number() over (partition by relation.oid order by attnum), attname,
        format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid), attidentity, attgenerated)
      from relation join pg_attribute on attrelid = relation.oid and attnum > 0 and not attisdropped
      left join pg_attrdef on adrelid = attrelid and adnum = attnum
      union all
      select concat_ws(' ', relation.name, 'index', case when not made.relispartition then made.relname end,
        regexp_replace(pg_get_indexdef(indexrelid), '^.* USING ', ''), indisunique)
      from relation join pg_index on indrelid = relation.oid join pg_class made on made.oid = indexrelid
      union all
      select concat_ws(' ', name, 'constraint', case when not is_partition then conname end,
        pg_get_constraintdef(pg_constraint.oid))
      from relation join pg_constraint on conrelid = relation.oid and contype <> 'n'
      union all
      select concat_ws(' ', name, 'trigger', tgname)
      from relation join pg_trigger on tgrelid = relation.oid and not tgisinternal
      union all
      select concat_ws(' ', name, 'shows', replace(pg_get_viewdef(relation.oid), ${`${schema}.`}, ''))
      from relation where kind = 'v'
    )
    select text as line from line order by text
  `.execute(db);
  return rows.map(({ line }) => line).join('\n');
};

/** Names of everything that has to move with these tables: them, their partitions, and the views. */
export const namesIn = async (
  db: Db,
  schema: string,
  { tables, views }: Relations,
): Promise<readonly { readonly name: string; readonly kind: 'table' | 'view' }[]> => {
  const { rows } = await sql<{ name: string; kind: string }>`
    with relation as (${relationsIn(schema, [...tables, ...views])})
    select name, kind from relation order by kind = 'v', is_partition, name
  `.execute(db);
  return rows.map(({ name, kind }) => ({ name, kind: kind === 'v' ? 'view' : 'table' }));
};

export type Column = { readonly name: string; readonly type: string };

export const columnsOf = async (db: Db, schema: string, table: string): Promise<readonly Column[]> => {
  const { rows } = await sql<Column>`
    select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
    where attrelid = format('%I.%I', ${schema}::text, ${table}::text)::regclass and attnum > 0 and not attisdropped
    order by attnum
  `.execute(db);
  return rows;
};

/** These, and the partitions of these. */
const relationsIn = (schema: string, names: readonly string[]) => sql`
  select class.oid, relname as name, relkind as kind, relpersistence as persistence,
    array_to_string(reloptions, ',') as options, pg_get_partkeydef(class.oid) as partition_key,
    pg_get_expr(relpartbound, class.oid) as bound, relispartition as is_partition, inhparent as parent
  from pg_class class left join pg_inherits on inhrelid = class.oid
  where relnamespace = (select oid from pg_namespace where nspname = ${schema}) and (
    relname = any(${names}) or inhparent in (
      select oid from pg_class where relname = any(${names})
        and relnamespace = (select oid from pg_namespace where nspname = ${schema})))
`;

type Copied = {
  name: string;
  kind: string;
  options: string | null;
  partition_key: string | null;
  bound: string | null;
  parent: string | null;
  view: string | null;
  constraints: readonly { name: string; text: string }[];
  indexes: readonly string[];
};

/** Empty tables and the views over them, like those in `from`. Throws where the catalog knows something we do not copy. */
export const copyStructure = async (
  db: Db,
  relations: Relations,
  from: string,
  to: string,
): Promise<void> => {
  const copied = await db.transaction().execute(async (transaction) => {
    // Views are then told without the schema.
    await searchIn(transaction, from);
    const made = statementsFor(await describe(transaction, from, relations), relations, from, to);
    const granted = await grantsFor(transaction, relations, from, to);
    await searchIn(transaction, to);
    await sql.raw([...made, ...granted].join(';\n')).execute(transaction);
    return structureOf(transaction, to, relations);
  });
  if (copied === (await structureOf(db, from, relations))) return;
  throw new Error(`The tables of ${to} are not like those of ${from}: some of it cannot be copied.`);
};

const searchIn = (db: Db, schema: string) =>
  sql`select set_config('search_path', quote_ident(${schema}::text), true)`.execute(db);

const describe = async (db: Db, schema: string, { tables, views }: Relations): Promise<readonly Copied[]> => {
  const { rows } = await sql<Copied>`
    with relation as (${relationsIn(schema, [...tables, ...views])})
    select relation.name, kind, options, partition_key, bound, parent.relname as parent,
      case when kind = 'v' then pg_get_viewdef(relation.oid) end as view,
      (select coalesce(json_agg(json_build_object('name', conname, 'text', pg_get_constraintdef(oid))), '[]')
        from pg_constraint where conrelid = relation.oid and contype in ('p', 'u')) as constraints,
      (select coalesce(json_agg(pg_get_indexdef(indexrelid)), '[]') from pg_index
        where indrelid = relation.oid
          and not exists (select from pg_constraint where conindid = indexrelid)) as indexes
    from relation left join pg_class parent on parent.oid = relation.parent
    order by kind = 'v', is_partition, relation.name
  `.execute(db);
  return rows;
};

/** Whoever may read the live tables is to read these, once they are live. */
const grantsFor = async (
  db: Db,
  { tables, views }: Relations,
  from: string,
  to: string,
): Promise<readonly string[]> => {
  const { rows } = await sql<{ grant: string }>`
    with relation as (${relationsIn(from, [...tables, ...views])})
    select format('grant %s on %I.%I to %s', privilege_type, ${to}::text, name,
      case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end) as grant
    from relation join pg_class on pg_class.oid = relation.oid, aclexplode(relacl)
    where grantee <> relowner
  `.execute(db);
  return rows.map(({ grant }) => grant);
};

/** Partitions come last, and so get all that their parents have. */
const statementsFor = (
  copied: readonly Copied[],
  { views }: Relations,
  from: string,
  to: string,
): readonly string[] =>
  copied.flatMap(({ name, kind, options, partition_key, bound, parent, view, constraints, indexes }) => {
    const [here, there] = [`"${to}"."${name}"`, `"${from}"."${name}"`];
    if (kind === 'v') return views.some((known) => known === name) ? [`create view ${here} as ${view}`] : [];
    const settings = options === null ? '' : ` with (${options})`;
    if (parent !== null) return [`create table ${here} partition of "${to}"."${parent}" ${bound}${settings}`];
    const parts = partition_key === null ? '' : ` partition by ${partition_key}`;
    return [
      `create table ${here} (like ${there} including all excluding indexes)${parts}${settings}`,
      ...constraints.map((one) => `alter table ${here} add constraint "${one.name}" ${one.text}`),
      // The catalog names the table in between with its schema.
      ...indexes.map((text) => text.replace(/ ON (?:ONLY )?\S+ USING /, ` on ${here} using `)),
    ];
  });
