"""One T-SQL query as SQLite's: names are resolved, rights are checked, and each expression gets its T-SQL type.

The result carries the tables that it reads, filled as the session's security context sees them. What is not known
here is an error that names it (errors.not_evaluated), never an empty answer.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlglot import exp

from simulator.sqlserver import catalog, security
from simulator.sqlserver.collations import fold, is_collation
from simulator.sqlserver.conversions import to_sqlite
from simulator.sqlserver.dialect import DIALECT, declared_type
from simulator.sqlserver.errors import SqlError, error, not_evaluated
from simulator.sqlserver.functions import FUNCTIONS, Caller, find_function, find_table
from simulator.sqlserver.security import Target
from simulator.sqlserver.sqltypes import (
    BIGINT,
    INT,
    MAX,
    NUMBERS,
    NVARCHAR_MAX,
    TIMES,
    VARIANT,
    SqlType,
)
from simulator.sqlserver.state import collation_of, column_types, lookup, table_key

BOOLEAN = SqlType("boolean")  # a predicate: T-SQL has no such column
PRECEDENCE = ("binary", "varbinary", "char", "varchar", "nchar", "nvarchar", "uniqueidentifier", *NUMBERS,
              "time", "date", "smalldatetime", "datetime", "datetime2", "datetimeoffset", "sql_variant")  # fmt: skip
COMPARISONS = {exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}
ARITHMETIC = {exp.Sub: "-", exp.Mul: "*", exp.Mod: "%", exp.BitwiseAnd: "&", exp.BitwiseOr: "|"}
AGGREGATES = {exp.Count: "COUNT", exp.Sum: "SUM", exp.Min: "MIN", exp.Max: "MAX", exp.Avg: "AVG"}
NILADIC = ("SYSTEM_USER", "CURRENT_USER", "SESSION_USER", "CURRENT_TIMESTAMP")
TEXT_FUNCTIONS = ("LTRIM", "RTRIM", "TRIM", "UPPER", "LOWER", "LEFT", "RIGHT", "SUBSTRING", "REPLACE", "STUFF",
                  "REPLICATE", "REVERSE")  # fmt: skip
SELECT_PARTS = {"expressions", "from_", "joins", "where", "group", "having", "order", "limit", "distinct", "with_",
                "options", "kind", "hint", "operation_modifiers", "for_", "laterals"}  # fmt: skip


class Asking(Caller, Protocol):
    """The session that runs the query."""

    def variable(self, name: str) -> "Variable":
        """Raises SqlError 137."""
        ...

    def scalar(self, expression: exp.Expression) -> Any:
        """The value of an expression without columns."""
        ...


@dataclass
class Variable:
    """A variable or a parameter: its type and its value as Python has it."""

    type: SqlType
    value: Any


@dataclass(frozen=True)
class Typed:
    """SQLite's text of an expression, its T-SQL type, and how firmly its collation holds."""

    sql: str
    type: SqlType
    firmness: str = "default"  # default, implicit (a column's), explicit (COLLATE)
    null: bool = False  # the literal NULL, which fits any type


@dataclass(frozen=True)
class Source:
    """A table, view or subquery of FROM: its name there and its columns. `place` says what it is, for messages."""

    alias: str
    columns: Mapping[str, SqlType]
    is_view: bool = False
    place: str = ""


@dataclass
class Scope:
    """The sources that an expression may name; outer queries' come after its own. `grouped`: texts of GROUP BY."""

    sources: list[Source] = field(default_factory=list)
    parent: "Scope | None" = None
    ctes: dict[str, dict[str, SqlType]] = field(default_factory=dict)
    grouped: set[str] | None = None
    apply_to: list[Source] = field(default_factory=list)  # sources that a correlated APPLY would name


@dataclass(frozen=True)
class Loaded:
    """A table to fill before the query runs."""

    name: str
    columns: Mapping[str, SqlType]
    rows: Iterable[Sequence[Any]]


@dataclass(frozen=True)
class Compiled:
    """The query for SQLite; `assigned` names the variables that SELECT @a = … fills, in the columns' order."""

    sql: str
    columns: tuple[tuple[str, SqlType], ...]
    tables: tuple[Loaded, ...]
    parameters: Mapping[str, Any]
    assigned: tuple[str, ...] = ()


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def combine(types: Sequence[Typed]) -> SqlType:
    """The type of CASE, COALESCE, UNION …: the one of highest precedence; texts become as long as the longest."""
    kinds = [typed.type for typed in types if not typed.null] or [INT]
    best = max(kinds, key=lambda kind: PRECEDENCE.index(kind.name))
    if not best.is_text and not best.is_binary:
        return best
    lengths = [kind.length for kind in kinds]
    return SqlType(best.name, MAX if MAX in lengths else max(lengths), 0, best.collation)


class Compiler:
    """Compiles one query for one session."""

    def __init__(self, session: Asking) -> None:
        self.session = session
        self.collation = collation_of(session.twin, session.database)
        self.tables: dict[str, Loaded] = {}
        self.parameters: dict[str, Any] = {}
        self.assigning = False
        self.by_type: dict[type[exp.Expression], Callable[[Any, Scope], Typed]] = {
            exp.Literal: self._literal,
            exp.National: lambda node, _: self._text(str(node.this), "nvarchar"),
            exp.HexString: self._binary,
            exp.Null: lambda _, __: Typed("NULL", INT, null=True),
            exp.Column: self._column,
            exp.Identifier: lambda node, scope: self._column(exp.Column(this=node), scope),
            exp.Parameter: self._variable,
            exp.Paren: self._paren,
            exp.And: lambda node, scope: self._logic(node, scope, "AND"),
            exp.Or: lambda node, scope: self._logic(node, scope, "OR"),
            exp.Not: lambda node, scope: Typed(f"(NOT {self.condition(node.this, scope)})", BOOLEAN),
            exp.Is: self._is_null,
            exp.In: self._in,
            exp.Between: self._between,
            exp.Like: lambda node, scope: self._like(node, scope, None),
            exp.Escape: lambda node, scope: self._like(node.this, scope, node.expression),
            exp.Exists: self._exists,
            exp.Add: self._add,
            exp.Div: self._divide,
            exp.Neg: self._negate,
            exp.Cast: self._cast,
            exp.TryCast: self._cast,
            exp.Convert: self._convert,
            exp.Case: self._case,
            exp.Anonymous: self._function,
            exp.Subquery: self._scalar_subquery,
            exp.Collate: self._collate,
            exp.Window: self._window,
            exp.Dot: self._xml_value,
            **dict.fromkeys(COMPARISONS, self._comparison),
            **dict.fromkeys(ARITHMETIC, self._arithmetic),
            **dict.fromkeys(AGGREGATES, self._aggregate),
        }

    def compile(self, query: exp.Query) -> Compiled:
        """Raises SqlError: 207, 208, 229 and so on, or that it cannot be evaluated."""
        assigned = self._assignments(query)
        sql, columns = self.query(query, Scope())
        return Compiled(sql, tuple(columns), tuple(self.tables.values()), self.parameters, assigned)

    def _assignments(self, query: exp.Query) -> tuple[str, ...]:
        """SELECT @a = x: the projections become their right sides."""
        names = []
        for item in query.expressions if isinstance(query, exp.Select) else []:
            if isinstance(item, exp.EQ) and isinstance(item.this, exp.Parameter):
                names.append(_variable_name(item.this))
                item.replace(exp.alias_(item.expression.copy(), names[-1].lstrip("@"), quoted=True))
        if names and len(names) != len(query.expressions):
            raise SqlError(141, "A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.", 15)  # fmt: skip  # noqa: E501
        self.assigning = bool(names)
        return tuple(names)

    # -- queries ---------------------------------------------------------------------------------------------

    def query(self, node: exp.Expression, scope: Scope) -> tuple[str, list[tuple[str, SqlType]]]:
        """SQLite's text, and the columns with their names; `scope` is the outer one."""
        if isinstance(node, exp.Subquery):
            return self.query(node.this, scope)
        inner = Scope(parent=scope, ctes=dict(scope.ctes))
        head = self._with(node, inner)
        if isinstance(node, exp.Select):
            sql, columns = self._select(node, inner)
        elif isinstance(node, exp.SetOperation):
            sql, columns = self._set_operation(node, inner)
        else:
            raise not_evaluated(f"{node.key.upper()}")
        return head + sql, columns

    def _with(self, node: exp.Expression, scope: Scope) -> str:
        clause = node.args.get("with_")
        if clause is None:
            return ""
        parts = []
        for cte in clause.expressions:
            sql, columns = self.query(cte.this, scope)
            columns = _renamed(columns, cte.args["alias"])
            scope.ctes[fold(cte.alias, self.collation)] = dict(columns)
            names = ", ".join(quoted(name) for name, _ in columns)
            parts.append(f"{quoted('cte ' + fold(cte.alias, self.collation))} ({names}) AS ({sql})")
        return f"WITH {', '.join(parts)} "

    def _set_operation(self, node: exp.SetOperation, scope: Scope) -> tuple[str, list[tuple[str, SqlType]]]:
        words = {exp.Union: "UNION" if node.args.get("distinct") else "UNION ALL", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}  # fmt: skip  # noqa: E501
        (left, ours), (right, theirs) = self.query(node.this, scope), self.query(node.expression, scope)
        if len(ours) != len(theirs):
            raise SqlError(205, "All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.")  # fmt: skip  # noqa: E501
        pairs = zip(ours, theirs, strict=True)
        columns = [(name, combine([Typed("", one), Typed("", other)])) for (name, one), (_, other) in pairs]
        sql = f"SELECT * FROM ({left}) {words[type(node)]} SELECT * FROM ({right})"
        order = node.args.get("order")
        if order:
            own = Scope([Source("", dict(columns))], scope)
            items = [self._order_item(item, own, [name for name, _ in columns]) for item in order.expressions]
            sql += f" ORDER BY {', '.join(items)}"
        return sql, columns

    def _select(self, node: exp.Select, scope: Scope) -> tuple[str, list[tuple[str, SqlType]]]:
        unknown = [key for key, value in node.args.items() if value and key not in SELECT_PARTS]
        if unknown:
            raise not_evaluated(f"{', '.join(unknown)} in a SELECT")
        if node.args.get("for_") and not node.meta.get("xml"):
            raise not_evaluated("FOR XML outside of a text aggregation")
        source = self._from(node, scope)
        where = node.args.get("where")
        tail = f" WHERE {self.condition(where.this, scope)}" if where else ""
        tail += self._grouping(node, scope)
        projections = self._projections(node, scope)
        names = [name for name, _ in projections]
        columns = [(name, typed.type) for name, typed in projections]
        for name, typed in projections:
            if typed.type is BOOLEAN:
                raise error(102, near=name or "=")
        shown = ", ".join(f"{self._collated(typed)} AS {quoted(name or f'column {n}')}" for n, (name, typed) in enumerate(projections))  # noqa: E501
        distinct = "DISTINCT " if node.args.get("distinct") else ""
        order = node.args.get("order")
        if order:
            items = [self._order_item(item, scope, names) for item in order.expressions]
            tail += f" ORDER BY {', '.join(items)}"
        return f"SELECT {distinct}{shown}{source}{tail}{self._top(node, scope)}", columns

    def _grouping(self, node: exp.Select, scope: Scope) -> str:
        group, having = node.args.get("group"), node.args.get("having")
        out = ""
        if group:
            if set(group.args) - {"expressions"} and any(v for k, v in group.args.items() if k != "expressions"):
                raise not_evaluated("GROUP BY with ROLLUP, CUBE or GROUPING SETS")
            keys = [self.expression(item, scope) for item in group.expressions]
            out = f" GROUP BY {', '.join(self._collated(key) for key in keys)}"
            scope.grouped = {key.sql for key in keys}
        elif having or any(_own_aggregates(item) for item in node.expressions):
            scope.grouped = set()
        return out + (f" HAVING {self.condition(having.this, scope)}" if having else "")

    def _top(self, node: exp.Select, scope: Scope) -> str:
        limit = node.args.get("limit")
        if limit is None:
            return ""
        if not isinstance(limit, exp.Limit) or any(v for k, v in limit.args.items() if k not in ("this", "expression")):
            raise not_evaluated("OFFSET, FETCH, TOP PERCENT or WITH TIES")
        return f" LIMIT {self.expression(limit.expression, scope).sql}"

    def _projections(self, node: exp.Select, scope: Scope) -> list[tuple[str, Typed]]:
        out: list[tuple[str, Typed]] = []
        for item in node.expressions:
            star = item if isinstance(item, exp.Star) else item.this if isinstance(item, exp.Column) else None
            if isinstance(star, exp.Star):
                wanted = item.table if isinstance(item, exp.Column) else None
                out += self._star(scope, wanted)
            else:
                name = item.alias or (item.name if isinstance(item, exp.Column) else "")
                out.append((name, self.expression(item.unalias(), scope)))
        return out

    def _star(self, scope: Scope, wanted: str | None) -> list[tuple[str, Typed]]:
        out: list[tuple[str, Typed]] = []
        for source in scope.sources:
            if wanted is None or self._same(source.alias, wanted):
                for name, kind in source.columns.items():
                    out.append((name, Typed(f"{quoted(source.alias)}.{quoted(name)}", kind, "implicit")))
        if not out:
            raise error(4104, name=f"{wanted}.*")
        return out

    def _order_item(self, item: exp.Expression, scope: Scope, names: Sequence[str]) -> str:
        node = item.this if isinstance(item, exp.Ordered) else item
        direction = " DESC" if item.args.get("desc") else ""
        if isinstance(node, exp.Literal) and not node.is_string:
            return f"{node.name}{direction}"
        if isinstance(node, exp.Column) and not node.table:
            same = [name for name in names if self._same(name, node.name)]
            if same:
                return f"{quoted(same[0])}{direction}"
        return f"{self._collated(self.expression(node, scope))}{direction}"

    # -- FROM ------------------------------------------------------------------------------------------------

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
        if on is None:
            return f" CROSS JOIN {source}"
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
        return f" CROSS JOIN {source}" if node.args.get("cross_apply") else f" LEFT JOIN {source} ON 1"

    def _source(self, node: exp.Expression, scope: Scope) -> str:
        if isinstance(node, exp.Values):
            return self._values(node, scope)
        if isinstance(node, exp.Subquery):
            outer = Scope(parent=scope.parent, ctes=scope.ctes, apply_to=scope.apply_to)
            if isinstance(node.this, exp.Values):
                node.this.set("alias", node.args.get("alias"))
                return self._values(node.this, scope)
            sql, columns = self.query(node.this, outer)
            columns = _renamed(columns, node.args.get("alias"))
            if any(not name for name, _ in columns):
                raise SqlError(8155, f"No column name was specified for a column of '{node.alias}'.")
            return self._add_source(f"({sql})", Source(node.alias, dict(columns)), scope)
        if isinstance(node, exp.Table):
            return self._table(node, scope)
        raise not_evaluated(f"{node.key.upper()} in FROM")

    def _add_source(self, sql: str, source: Source, scope: Scope) -> str:
        if any(self._same(source.alias, other.alias) for other in scope.sources):
            raise SqlError(1013, f"The objects '{source.alias}' in the FROM clause have the same exposed names.")
        scope.sources.append(source)
        return f"{sql} AS {quoted(source.alias)}"

    def _values(self, node: exp.Values, scope: Scope) -> str:
        outer = Scope(parent=scope.parent, ctes=scope.ctes, apply_to=scope.apply_to)
        rows = [[self.expression(cell, outer) for cell in row.expressions] for row in node.expressions]
        names = [column.name for column in node.args["alias"].columns]
        types = {name: combine([row[n] for row in rows]) for n, name in enumerate(names)}
        texts = []
        for row in rows:
            cells = (f"{self.coerced(cell, types[name]).sql} AS {quoted(name)}" for cell, name in zip(row, names, strict=True))  # noqa: E501
            texts.append(f"SELECT {', '.join(cells)}")
        return self._add_source(f"({' UNION ALL '.join(texts)})", Source(node.alias, types), scope)

    def _table(self, node: exp.Table, scope: Scope) -> str:
        function = node.this if isinstance(node.this, exp.Anonymous) else None
        name = function.name if function else node.name
        alias = node.alias or name
        if function is None and not node.db and fold(name, self.collation) in scope.ctes:
            columns = scope.ctes[fold(name, self.collation)]
            return self._add_source(quoted("cte " + fold(name, self.collation)), Source(alias, columns), scope)
        database = self._database(node)
        if function is not None:
            loaded = self._table_function(function, node.db, database)
        else:
            loaded = self._view(node, database) or self._user_table(node, database)
        self.tables[loaded.name] = loaded
        is_view = loaded.name.split(" ", 1)[1] in catalog.VIEWS
        source = Source(alias, loaded.columns, is_view, loaded.name.split(" ", 1)[1])
        return self._add_source(quoted(loaded.name), source, scope)

    def _database(self, node: exp.Table) -> str:
        """The database of a name; for one that is not there the object is unknown. Raises SqlError 208, 916, 942."""
        if not node.catalog:
            return self.session.database
        if lookup(self.session.twin.databases, node.catalog, self.session.twin.server.collation) is None:
            raise error(208, name=_dotted(node))
        return security.check_access(self.session.twin, self.session.context, node.catalog)

    def _view(self, node: exp.Table, database: str) -> Loaded | None:
        twin = self.session.twin
        collation = collation_of(twin, database)
        found = lookup(catalog.VIEWS, f"{node.db}.{node.name}", collation)
        if found is None:
            if lookup({"sys": 0, "INFORMATION_SCHEMA": 0}, node.db or "", collation):
                near = {name.casefold() for name in catalog.VIEWS}
                known = f"{node.db}.{node.name}".casefold() in near  # only its case is wrong
                raise error(208, name=_dotted(node)) if known else not_evaluated(f"the view {node.db}.{node.name}")
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
        if node.name.lower() != "fn_my_permissions" or schema not in ("", "sys") or len(node.expressions) != 2:
            raise not_evaluated(f"the function {schema}.{node.name} in FROM")
        securable, kind = (self.session.scalar(argument) for argument in node.expressions)
        rows = catalog.my_permissions(self.session, database, securable, str(kind).upper())
        columns = {name: kind.collated(self.collation) for name, kind in catalog.PERMISSION_COLUMNS.items()}
        return Loaded(f"{database} sys.fn_my_permissions {len(self.tables)}", columns, rows)

    # -- expressions -----------------------------------------------------------------------------------------

    def expression(self, node: exp.Expression, scope: Scope) -> Typed:
        """SQLite's text and the type of one expression or predicate."""
        handler = self.by_type.get(type(node))
        if handler is None:
            raise not_evaluated(f"{node.key.upper()}: {node.sql(DIALECT)[:100]}")
        return handler(node, scope)

    def condition(self, node: exp.Expression, scope: Scope) -> str:
        typed = self.expression(node, scope)
        if typed.type is not BOOLEAN:
            raise SqlError(4145, "An expression of non-boolean type specified in a context where a condition is expected.", 15)  # fmt: skip  # noqa: E501
        return typed.sql

    def coerced(self, typed: Typed, target: SqlType, style: int = 0) -> Typed:
        """The expression as another type, where that is not the same anyway."""
        same = typed.type.name == target.name and target.length in (MAX, 0, typed.type.length)
        if typed.null or same or target.name == "sql_variant":
            return typed
        return Typed(_conversion(typed, target, style), target.collated(typed.type.collation or self.collation))

    def _collated(self, typed: Typed) -> str:
        return f"{typed.sql} COLLATE {quoted(typed.type.collation)}" if typed.type.collation else typed.sql

    def _same(self, one: str, other: str) -> bool:
        return fold(one, self.collation) == fold(other, self.collation)

    def _literal(self, node: exp.Literal, _: Scope) -> Typed:
        if node.is_string:
            return self._text(node.name, "varchar")
        if "." in node.name or "e" in node.name.lower():
            digits = node.name.partition(".")[2]
            return Typed(node.name, SqlType("decimal", 18, len(digits)))
        return Typed(node.name, INT if abs(int(node.name)) < 2**31 else BIGINT)

    def _text(self, text: str, kind: str) -> Typed:
        return Typed(literal(text), SqlType(kind, max(len(text), 1), 0, self.collation))

    def _binary(self, node: exp.HexString, _: Scope) -> Typed:
        digits = node.name
        return Typed(f"x'{digits}'", SqlType("varbinary", max(len(digits) // 2, 1)))

    def _paren(self, node: exp.Paren, scope: Scope) -> Typed:
        inner = self.expression(node.this, scope)
        return Typed(f"({inner.sql})", inner.type, inner.firmness, inner.null)

    def _column(self, node: exp.Column, scope: Scope) -> Typed:
        if not node.table and not node.this.args.get("quoted"):
            if node.name.upper() in NILADIC:
                return self._call(node.name, [], scope)
            if node.name.upper() == "DEFAULT":
                raise not_evaluated("DEFAULT")
        if node.db:
            raise not_evaluated(f"the column name {node.sql(DIALECT)} with a schema")
        level: Scope | None = scope
        while level is not None:
            found = self._find_column(node, level)
            if found is not None:
                if level is scope and scope.grouped is not None and found.sql not in scope.grouped:
                    raise SqlError(8120, f"Column '{node.name}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.")  # fmt: skip  # noqa: E501
                return found
            if any(self._find_column(node, Scope([source])) for source in level.apply_to):
                raise not_evaluated(f"an APPLY that names {node.sql(DIALECT)} of the sources before it")
            level = level.parent
        raise error(4104, name=node.sql(DIALECT)) if node.table else self._unknown_column(node.name, scope.sources)

    def _find_column(self, node: exp.Column, scope: Scope) -> Typed | None:
        named = [source for source in scope.sources if not node.table or self._same(source.alias, node.table)]
        found = []
        for source in named:
            column = lookup(source.columns, node.name, self.collation)
            if column is not None:
                prefix = f"{quoted(source.alias)}." if source.alias else ""
                found.append(Typed(f"{prefix}{quoted(column[0])}", column[1], "implicit"))
        if len(found) > 1:
            raise error(209, name=node.name)
        if node.table and named and not found:
            raise self._unknown_column(node.name, named)
        return found[0] if found else None

    def _unknown_column(self, name: str, sources: Sequence[Source]) -> SqlError:
        """207; but a catalog view may have columns that the simulator has not."""
        views = [source for source in sources if source.is_view]
        near = {column.casefold() for source in views for column in source.columns}
        if views and name.casefold() not in near:
            return not_evaluated(f"the column {name} of {views[0].place}")
        return error(207, name=name)

    def _variable(self, node: exp.Parameter, scope: Scope) -> Typed:
        if isinstance(node.this, exp.Parameter):
            return self._call(f"@@{node.this.name}", [], scope)
        name = _variable_name(node)
        variable = self.session.variable(name)
        kind = variable.type.collated(self.collation)
        if self.assigning:
            return Typed(f"f_variable({literal(name)})", kind)  # its value may change from row to row
        self.parameters[name.lstrip("@")] = to_sqlite(variable.value)
        return Typed(f":{name.lstrip('@')}", kind)

    def _logic(self, node: exp.Binary, scope: Scope, word: str) -> Typed:
        return Typed(f"({self.condition(node.this, scope)} {word} {self.condition(node.expression, scope)})", BOOLEAN)

    def _is_null(self, node: exp.Is, scope: Scope) -> Typed:
        if not isinstance(node.expression, exp.Null):
            raise not_evaluated(node.sql(DIALECT))
        return Typed(f"({self.expression(node.this, scope).sql} IS NULL)", BOOLEAN)

    def _comparison(self, node: exp.Binary, scope: Scope) -> Typed:
        left, right = self.expression(node.this, scope), self.expression(node.expression, scope)
        word = COMPARISONS[type(node)]
        one, other = self._comparable(left, right, word)
        return Typed(f"({one} {word} {other})", BOOLEAN)

    def _comparable(self, left: Typed, right: Typed, word: str) -> tuple[str, str]:
        """Both sides as one type, texts under one collation."""
        if BOOLEAN in (left.type, right.type):
            raise error(102, near=word)
        if left.null or right.null:
            return left.sql, right.sql
        if left.type.is_text and right.type.is_text:
            return f"{left.sql} COLLATE {quoted(self._common_collation(left, right, word))}", right.sql
        for one, other in ((left, right), (right, left)):
            if one.type.is_binary and other.type.is_text:
                raise error(257, source=other.type.name, target=one.type.name)
        kind = combine([left, right])
        if kind == VARIANT:
            return f"f_variant({left.sql})", f"f_variant({right.sql})"
        return self.coerced(left, kind).sql, self.coerced(right, kind).sql

    def _common_collation(self, left: Typed, right: Typed, word: str) -> str:
        order = ("default", "implicit", "explicit")
        first, second = sorted((left, right), key=lambda typed: -order.index(typed.firmness))
        conflict = first.firmness == second.firmness and first.type.collation != second.type.collation
        if conflict and first.firmness != "default":
            names = {"equal to": "=", "like": "LIKE"}
            shown = next((name for name, sign in names.items() if sign == word), word)
            raise error(468, one=left.type.collation, other=right.type.collation, operator=shown)
        return first.type.collation or self.collation

    def _in(self, node: exp.In, scope: Scope) -> Typed:
        left = self.expression(node.this, scope)
        query = node.args.get("query")
        if query is not None:
            sql, columns = self.query(query, scope)
            if len(columns) != 1:
                raise SqlError(116, "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.")  # fmt: skip  # noqa: E501
            mine, _ = self._comparable(left, Typed("", columns[0][1], "implicit"), "=")
            return Typed(f"({mine} IN ({sql}))", BOOLEAN)
        alternatives = []
        for item in node.expressions:
            mine, other = self._comparable(left, self.expression(item, scope), "=")
            alternatives.append(f"{mine} = {other}")
        return Typed(f"({' OR '.join(alternatives)})", BOOLEAN)

    def _between(self, node: exp.Between, scope: Scope) -> Typed:
        value = self.expression(node.this, scope)
        low = self._comparable(value, self.expression(node.args["low"], scope), ">=")
        high = self._comparable(value, self.expression(node.args["high"], scope), "<=")
        return Typed(f"({low[0]} >= {low[1]} AND {high[0]} <= {high[1]})", BOOLEAN)

    def _like(self, node: exp.Like, scope: Scope, escape: exp.Expression | None) -> Typed:
        text, pattern = self.expression(node.this, scope), self.expression(node.expression, scope)
        collation = self._common_collation(text, pattern, "LIKE")
        text, pattern = self.coerced(text, NVARCHAR_MAX), self.coerced(pattern, NVARCHAR_MAX)
        last = literal(escape.name) if escape is not None else "''"
        return Typed(f"f_like({text.sql}, {pattern.sql}, {literal(collation)}, {last})", BOOLEAN)

    def _exists(self, node: exp.Exists, scope: Scope) -> Typed:
        return Typed(f"EXISTS ({self.query(node.this, scope)[0]})", BOOLEAN)

    def _add(self, node: exp.Add, scope: Scope) -> Typed:
        left, right = self.expression(node.this, scope), self.expression(node.expression, scope)
        if not (left.type.is_text or left.null) or not (right.type.is_text or right.null):
            return self._numbers(left, right, "+")
        kind = combine([left, right])
        lengths = [typed.type.length for typed in (left, right)]
        length = MAX if MAX in lengths else min(sum(lengths), 4000 if kind.name == "nvarchar" else 8000)
        collation = self._common_collation(left, right, "add")
        return Typed(f"({left.sql} || {right.sql})", SqlType(kind.name, length, 0, collation))

    def _arithmetic(self, node: exp.Binary, scope: Scope) -> Typed:
        left, right = self.expression(node.this, scope), self.expression(node.expression, scope)
        return self._numbers(left, right, ARITHMETIC[type(node)])

    def _numbers(self, left: Typed, right: Typed, word: str) -> Typed:
        kind = combine([left, right])
        if not kind.is_number:
            raise error(402, source=left.type.name, target=right.type.name, operator=word)
        return Typed(f"({self.coerced(left, kind).sql} {word} {self.coerced(right, kind).sql})", kind)

    def _divide(self, node: exp.Div, scope: Scope) -> Typed:
        left, right = self.expression(node.this, scope), self.expression(node.expression, scope)
        kind = combine([left, right])
        return Typed(f"f_divide({self.coerced(left, kind).sql}, {self.coerced(right, kind).sql})", kind)

    def _negate(self, node: exp.Neg, scope: Scope) -> Typed:
        inner = self.expression(node.this, scope)
        return Typed(f"(-{inner.sql})", inner.type)

    def _cast(self, node: exp.Cast, scope: Scope) -> Typed:
        return self._converted(node.this, declared_type(node.to), 0, scope, attempt=isinstance(node, exp.TryCast))

    def _convert(self, node: exp.Convert, scope: Scope) -> Typed:
        style = node.args.get("style")
        number = int(style.name) if style is not None else 0
        return self._converted(node.expression, declared_type(node.this), number, scope, bool(node.args.get("safe")))

    def _converted(self, inner: exp.Expression, target: SqlType, style: int, scope: Scope, attempt: bool) -> Typed:
        value = self.expression(inner, scope)
        target = target.collated(value.type.collation or self.collation)
        return Typed(_conversion(value, target, style, attempt), target, value.firmness if target.is_text else "default")

    def _case(self, node: exp.Case, scope: Scope) -> Typed:
        branches = []
        for item in node.args["ifs"]:
            condition = item.this if node.this is None else exp.EQ(this=node.this.copy(), expression=item.this.copy())
            branches.append((self.condition(condition, scope), self.expression(item.args["true"], scope)))
        default = node.args.get("default")
        otherwise = self.expression(default, scope) if default is not None else Typed("NULL", INT, null=True)
        return self._choice(branches, otherwise)

    def _choice(self, branches: Sequence[tuple[str, Typed]], otherwise: Typed) -> Typed:
        kind = combine([*(value for _, value in branches), otherwise])
        parts = " ".join(f"WHEN {condition} THEN {self.coerced(value, kind).sql}" for condition, value in branches)
        return Typed(f"(CASE {parts} ELSE {self.coerced(otherwise, kind).sql} END)", kind)

    def _function(self, node: exp.Anonymous, scope: Scope) -> Typed:
        return self._call(node.name, node.expressions, scope)

    def _call(self, name: str, arguments: Sequence[exp.Expression], scope: Scope) -> Typed:
        upper = name.upper()
        if upper == "IIF" and len(arguments) == 3:
            condition = self.condition(arguments[0], scope)
            return self._choice([(condition, self.expression(arguments[1], scope))], self.expression(arguments[2], scope))
        if upper in ("DATEADD", "DATEDIFF") and len(arguments) == 3:
            return self._date_function(upper, arguments, scope)
        if upper == "DATALENGTH" and len(arguments) == 1:
            value = self.expression(arguments[0], scope)
            return Typed(f"f_datalength({value.sql}, {literal(value.type.name)})", INT)
        if upper == "STRING_AGG" and len(arguments) == 2:
            return self._string_agg(arguments, scope)
        if upper not in FUNCTIONS:
            raise not_evaluated(f"the function {name}")
        function = find_function(self.session.twin, name, len(arguments))
        values = [self.expression(argument, scope) for argument in arguments]
        if any(value.type is BOOLEAN for value in values):
            raise error(102, near=name)
        values = self._coerced_arguments(upper, values)
        kind = function.result if isinstance(function.result, SqlType) else values[function.result].type
        if upper in ("REPLACE", "STUFF", "REPLICATE"):
            kind = SqlType(kind.name, 4000 if kind.length != MAX else MAX, 0, kind.collation)
        call = ", ".join([literal(upper), *(value.sql for value in values)])
        kind = kind.collated(kind.collation or self.collation)
        firm = values[0].firmness if values and isinstance(function.result, int) else "default"
        return Typed(f"f_call({call})", kind, firm)

    def _coerced_arguments(self, name: str, values: list[Typed]) -> list[Typed]:
        if name in ("COALESCE", "ISNULL"):
            kind = combine(values) if name == "COALESCE" or values[0].null else values[0].type
            first = [Typed(values[0].sql, kind, values[0].firmness)] if values[0].null else [self.coerced(values[0], kind)]
            return first + [self.coerced(value, kind) for value in values[1:]]
        if name in TEXT_FUNCTIONS and not values[0].type.is_text:
            return [self.coerced(values[0], SqlType("nvarchar", 4000)), *values[1:]]
        return values

    def _date_function(self, name: str, arguments: Sequence[exp.Expression], scope: Scope) -> Typed:
        part = literal(arguments[0].name.lower())
        values = [self.expression(argument, scope) for argument in arguments[1:]]
        values = [self.coerced(value, SqlType("datetime")) if value.type.is_text else value for value in values]
        kind = INT if name == "DATEDIFF" else values[1].type
        return Typed(f"f_{name.lower()}({part}, {', '.join(value.sql for value in values)})", kind)

    def _string_agg(self, arguments: Sequence[exp.Expression], scope: Scope) -> Typed:
        if self.session.twin.server.major < 14:
            raise error(195, name="STRING_AGG")
        inner = Scope(scope.sources, scope.parent, scope.ctes)
        value, separator = (self.expression(argument, inner) for argument in arguments)
        return Typed(f"GROUP_CONCAT({value.sql}, {separator.sql})", NVARCHAR_MAX.collated(self.collation))

    def _aggregate(self, node: exp.AggFunc, scope: Scope) -> Typed:
        word = AGGREGATES[type(node)]
        inner = Scope(scope.sources, scope.parent, scope.ctes)
        if isinstance(node.this, exp.Star):
            return Typed("COUNT(*)", BIGINT if node.args.get("big_int") else INT)
        distinct = isinstance(node.this, exp.Distinct)
        argument = node.this.expressions[0] if distinct else node.this
        value = self.expression(argument, inner)
        text = f"{word}({'DISTINCT ' if distinct else ''}{self._collated(value)})"
        if word == "COUNT":
            return Typed(text, BIGINT if node.args.get("big_int") else INT)
        if word in ("SUM", "AVG"):
            if not value.type.is_number or value.type.name == "bit":
                raise SqlError(8117, f"Operand data type {value.type.name} is invalid for {word.lower()} operator.")
            if word == "AVG" and value.type.name in ("tinyint", "smallint", "int", "bigint"):
                text = f"CAST({text} AS INTEGER)"
            return Typed(text, INT if value.type.name in ("tinyint", "smallint") else value.type)
        return Typed(text, value.type, "implicit")

    def _scalar_subquery(self, node: exp.Subquery, scope: Scope) -> Typed:
        if _is_text_aggregation(node.this):
            return self._for_xml(node, scope, escape=True)
        sql, columns = self.query(node.this, scope)
        if len(columns) != 1:
            raise SqlError(116, "Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.")  # fmt: skip  # noqa: E501
        name, kind = columns[0]
        column = quoted(name or "column 0")
        single = f"SELECT CASE WHEN COUNT(*) > 1 THEN f_more_than_one() ELSE MAX({column}) END FROM ({sql})"
        return Typed(f"({single})", kind, "implicit")

    def _xml_value(self, node: exp.Dot, scope: Scope) -> Typed:
        """(SELECT … FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)'): how texts are joined before SQL Server 2017."""
        method = node.expression
        known = isinstance(method, exp.Anonymous) and method.name == "value" and method.expressions[0].name == "."
        if not known or not isinstance(node.this, exp.Subquery) or not _is_text_aggregation(node.this.this):
            raise not_evaluated(f"{node.sql(DIALECT)[:100]}")
        return self._for_xml(node.this, scope, escape=False)

    def _for_xml(self, node: exp.Subquery, scope: Scope, *, escape: bool) -> Typed:
        node.this.meta["xml"] = True
        sql, columns = self.query(node.this, scope)
        if len(columns) != 1 or columns[0][0]:
            raise not_evaluated("FOR XML PATH of more than one unnamed column")
        column = f"f_xml({quoted('column 0')})" if escape else quoted("column 0")
        return Typed(f"(SELECT GROUP_CONCAT({column}, '') FROM ({sql}))", NVARCHAR_MAX.collated(self.collation))

    def _collate(self, node: exp.Collate, scope: Scope) -> Typed:
        inner, name = self.expression(node.this, scope), node.expression.name
        if not inner.type.is_text:
            raise error(447, name=inner.type.name)
        if name.upper() in ("DATABASE_DEFAULT", "CATALOG_DEFAULT"):
            name = self.collation
        if not is_collation(name):
            raise error(448, name=name)
        return Typed(inner.sql, inner.type.collated(name), "explicit")

    def _window(self, node: exp.Window, scope: Scope) -> Typed:
        if not isinstance(node.this, exp.Anonymous) or node.this.name.upper() != "ROW_NUMBER":
            raise not_evaluated(f"the window function {node.this.sql(DIALECT)}")
        parts = [self._collated(self.expression(item, scope)) for item in node.args.get("partition_by") or []]
        order = [self._order_item(item, scope, []) for item in node.args["order"].expressions]
        partition = f"PARTITION BY {', '.join(parts)} " if parts else ""
        return Typed(f"ROW_NUMBER() OVER ({partition}ORDER BY {', '.join(order)})", BIGINT)


def _conversion(typed: Typed, target: SqlType, style: int, attempt: bool = False) -> str:
    name = "f_try_convert" if attempt else "f_convert"
    kind = f"{literal(target.name)}, {target.length}, {target.scale}"
    return f"{name}({typed.sql}, {literal(typed.type.name)}, {kind}, {style})"


def _variable_name(node: exp.Parameter) -> str:
    return "@" + node.name.casefold()


def _renamed(columns: list[tuple[str, SqlType]], alias: exp.Expression | None) -> list[tuple[str, SqlType]]:
    names = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    return [(name, kind) for name, (_, kind) in zip(names, columns, strict=True)] if names else columns


def _dotted(node: exp.Table) -> str:
    return ".".join(part for part in (node.catalog, node.db, node.name) if part)


def _own_aggregates(node: exp.Expression) -> bool:
    """Aggregates of this query, not those of a subquery in it."""
    if isinstance(node, exp.AggFunc):
        return True
    if isinstance(node, (exp.Query, exp.Window)):
        return False
    if isinstance(node, exp.Anonymous) and node.name.upper() == "STRING_AGG":
        return True
    return any(_own_aggregates(child) for child in node.iter_expressions())


def _is_text_aggregation(node: exp.Expression) -> bool:
    clause = node.args.get("for_")
    return clause is not None and clause.args.get("kind") is not None and "PATH('')" in clause.sql(DIALECT)


__all__ = ["Compiled", "Compiler", "Variable", "find_table", "TIMES"]
