"""FROM: tables, catalog views, table-valued functions, subqueries and joins; the rights to read them."""

from acceptance.simulator.sqlserver import security
from acceptance.simulator.sqlserver.calls import Calls
from acceptance.simulator.sqlserver.collations import fold
from acceptance.simulator.sqlserver.conversions import to_sqlite
from acceptance.simulator.sqlserver.errors import SqlError, error, not_evaluated
from acceptance.simulator.sqlserver.security import Target
from acceptance.simulator.sqlserver.sqltypes import SqlType
from acceptance.simulator.sqlserver.state import collation_of, column_types, lookup, table_key
from acceptance.simulator.sqlserver.terms import Loaded, Scope, Source, combine, output_name, quoted
from acceptance.simulator.sqlserver.views import PERMISSION_COLUMNS, VIEWS, my_permissions
from sqlglot import exp

COMPATIBILITY_VIEWS = (
    "sysdatabases",
    "syslogins",
    "sysobjects",
    "syscolumns",
    "sysusers",
    "sysprocesses",
)


class Sources(Calls):
    """The part of the compiler that knows where rows come from."""

    def _from(self, node: exp.Select, scope: Scope) -> str:
        clause = node.args.get("from_")
        if clause is None:
            return ""
        out = f" FROM {self._source(clause.this, scope)}"
        for join in node.args.get("joins") or []:
            out += self._join(join, scope)
        for extra in clause.this.args.get("joins") or []:
            out += self._join(extra, scope)
        return out

    def _join(self, join: exp.Join, scope: Scope) -> str:
        if isinstance(join.this, exp.Lateral):
            return self._apply(join.this, scope)
        on = join.args.get("on")
        side, kind = join.side, join.kind
        source = self._source(join.this, scope)
        if on is None and not side and kind in ("", "CROSS"):
            return f" CROSS JOIN {source}"
        if on is None:
            raise error(102, near=join.alias_or_name)
        if side not in ("", "LEFT", "RIGHT", "FULL") or kind not in ("", "INNER", "OUTER"):
            raise not_evaluated(f"{side} {kind} JOIN")
        return f" {side} JOIN {source} ON {self.condition(on, scope)}"

    def _apply(self, node: exp.Lateral, scope: Scope) -> str:
        """CROSS and OUTER APPLY of what names no column of the sources before it: SQLite has no more."""
        before = list(scope.sources)
        scope.apply_to, scope.sources = before, []
        inner = node.this
        if isinstance(inner, exp.Subquery):
            inner = inner.copy()
            inner.set("alias", node.args["alias"])
        elif isinstance(inner, exp.Dot):
            inner = exp.Table(this=inner.expression, db=inner.this, alias=node.args["alias"])
        source = self._source(inner, scope)
        scope.sources, scope.apply_to = before + scope.sources, []
        return (
            f" CROSS JOIN {source}" if node.args.get("cross_apply") else f" LEFT JOIN {source} ON 1"
        )

    def _source(self, node: exp.Expr, scope: Scope) -> str:
        if isinstance(node, exp.Values):
            return self._values(node, scope)
        if isinstance(node, exp.Subquery):
            outer = Scope(parent=scope.parent, ctes=scope.ctes, apply_to=scope.apply_to)
            if isinstance(node.this, exp.Values):
                node.this.set("alias", node.args.get("alias"))
                return self._values(node.this, scope)
            sql, columns = self.query(node.this, outer)
            before, columns = columns, renamed(columns, node.args.get("alias"))
            if columns != before:
                shown = (
                    f"{quoted(output_name(old, n))} AS {quoted(new)}"
                    for n, ((old, _), (new, _)) in enumerate(zip(before, columns, strict=True))
                )
                sql = f"SELECT {', '.join(shown)} FROM ({sql})"  # noqa: S608 - SQLite in memory
            if any(not name for name, _ in columns):
                raise SqlError(
                    8155, f"No column name was specified for a column of '{node.alias}'."
                )
            return self._add_source(f"({sql})", Source(node.alias, dict(columns)), scope)
        if isinstance(node, exp.Table):
            return self._table(node, scope)
        raise not_evaluated(f"{node.key.upper()} in FROM")

    def _add_source(self, sql: str, source: Source, scope: Scope) -> str:
        if any(self._same(source.alias, other.alias) for other in scope.sources):
            raise SqlError(
                1013,
                f"The objects '{source.alias}' in the FROM clause have the same exposed names.",
            )
        scope.sources.append(source)
        return f"{sql} AS {quoted(source.alias)}"

    def _values(self, node: exp.Values, scope: Scope) -> str:
        outer = Scope(parent=scope.parent, ctes=scope.ctes, apply_to=scope.apply_to)
        rows = [
            [self.expression(cell, outer) for cell in row.expressions] for row in node.expressions
        ]
        names = [column.name for column in node.args["alias"].columns]
        types = {name: combine([row[n] for row in rows]) for n, name in enumerate(names)}
        texts = []
        for row in rows:
            cells = (
                f"{self.coerced(cell, types[name]).sql} AS {quoted(name)}"
                for cell, name in zip(row, names, strict=True)
            )
            texts.append(f"SELECT {', '.join(cells)}")
        return self._add_source(f"({' UNION ALL '.join(texts)})", Source(node.alias, types), scope)

    def _table(self, node: exp.Table, scope: Scope) -> str:
        function = node.this if isinstance(node.this, exp.Anonymous) else None
        name = function.name if function else node.name
        alias = node.alias or name
        if function is None and not node.db and fold(name, self.collation) in scope.ctes:
            columns = scope.ctes[fold(name, self.collation)]
            return self._add_source(
                quoted("cte " + fold(name, self.collation)), Source(alias, columns), scope
            )
        database = self._database(node)
        if function is not None:
            loaded = self._table_function(function, node.db, database)
        else:
            loaded = self._view(node, database) or self._user_table(node, database)
        self.tables[loaded.name] = loaded
        is_view = loaded.name.split(" ", 1)[1] in VIEWS
        source = Source(alias, loaded.columns, is_view, loaded.name.split(" ", 1)[1])
        return self._add_source(quoted(loaded.name), source, scope)

    def _database(self, node: exp.Table) -> str:
        """The database of a name; for one that is not there the object is unknown. Raises SqlError 208, 916, 942."""
        if not node.catalog:
            return self.session.database
        if (
            lookup(self.session.twin.databases, node.catalog, self.session.twin.server.collation)
            is None
        ):
            raise error(208, name=_dotted(node))
        return security.check_access(self.session.twin, self.session.context, node.catalog)

    def _view(self, node: exp.Table, database: str) -> Loaded | None:
        twin = self.session.twin
        collation = collation_of(twin, database)
        found = lookup(VIEWS, f"{node.db}.{node.name}", collation)
        if found is None:
            if lookup({"sys": 0, "INFORMATION_SCHEMA": 0}, node.db or "", collation):
                near = {name.casefold() for name in VIEWS}
                known = f"{node.db}.{node.name}".casefold() in near  # only its case is wrong
                raise (
                    error(208, name=_dotted(node))
                    if known
                    else not_evaluated(f"the view {node.db}.{node.name}")
                )
            return None
        name, view = found
        own = twin.server.collation if view.server else collation
        columns = {column: kind.collated(own) for column, kind in view.columns.items()}
        return Loaded(f"{database} {name}", columns, list(view.rows(self.session, database)))

    def _user_table(self, node: exp.Table, database: str) -> Loaded:
        twin, context = self.session.twin, self.session.context
        tables = twin.databases[database].tables
        keys = {".".join(table_key(key)): key for key in tables}
        found = lookup(keys, f"{node.db or 'dbo'}.{node.name}", collation_of(twin, database))
        if found is None and node.name.lower() in COMPATIBILITY_VIEWS:
            raise not_evaluated(f"the compatibility view {node.name}")
        if found is None:
            raise error(208, name=_dotted(node))
        schema, name = table_key(found[1])
        if not security.holds_database(twin, context, database, "SELECT", Target(schema, name)):
            raise error(229, permission="SELECT", name=name, database=database, schema=schema)
        table = tables[found[1]]
        columns = column_types(twin, database, table)
        rows = [[to_sqlite(row.get(column)) for column in columns] for row in table.rows]
        return Loaded(f"{database} {schema}.{name}", columns, rows)

    def _table_function(self, node: exp.Anonymous, schema: str, database: str) -> Loaded:
        if (
            node.name.lower() != "fn_my_permissions"
            or schema not in ("", "sys")
            or len(node.expressions) != 2
        ):
            raise not_evaluated(f"the function {schema}.{node.name} in FROM")
        securable, kind = (self.session.scalar(argument) for argument in node.expressions)
        rows = my_permissions(self.session, database, securable, str(kind).upper())
        columns = {name: kind.collated(self.collation) for name, kind in PERMISSION_COLUMNS.items()}
        return Loaded(f"{database} sys.fn_my_permissions {len(self.tables)}", columns, rows)


def renamed(
    columns: list[tuple[str, SqlType]], alias: exp.Expr | None
) -> list[tuple[str, SqlType]]:
    names = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    return (
        [(name, kind) for name, (_, kind) in zip(names, columns, strict=True)] if names else columns
    )


def _dotted(node: exp.Table) -> str:
    return ".".join(part for part in (node.catalog, node.db, node.name) if part)
