"""SQL Server's errors by number: severity, state and text as sys.messages has them."""

from dataclasses import dataclass, field
from enum import Enum


class Scope(Enum):
    """How far an error reaches."""

    STATEMENT = "the next statement of the batch still runs"
    BATCH = "the batch ends"
    COMPILE = "the batch ends before it has begun"


@dataclass
class SqlError(Exception):
    """An error as the client sees it. `number` decides, never the text."""

    number: int
    message: str
    severity: int = 16
    state: int = 1
    line: int = 1
    scope: Scope = field(default=Scope.STATEMENT)

    def __str__(self) -> str:
        return f"{self.number}: {self.message}"


# number: (severity, state, scope, text)
MESSAGES: dict[int, tuple[int, int, Scope, str]] = {
    102: (15, 1, Scope.COMPILE, "Incorrect syntax near '{near}'."),
    137: (15, 2, Scope.COMPILE, 'Must declare the scalar variable "{name}".'),
    195: (15, 10, Scope.COMPILE, "'{name}' is not a recognized built-in function name."),
    207: (16, 1, Scope.COMPILE, "Invalid column name '{name}'."),
    208: (16, 1, Scope.COMPILE, "Invalid object name '{name}'."),
    209: (16, 1, Scope.COMPILE, "Ambiguous column name '{name}'."),
    214: (16, 2, Scope.STATEMENT, "Procedure expects parameter '{name}' of type 'ntext/nchar/nvarchar'."),
    217: (16, 1, Scope.BATCH, "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit {limit})."),
    229: (14, 5, Scope.STATEMENT, "The {permission} permission was denied on the object '{name}', database '{database}', schema '{schema}'."),
    230: (14, 1, Scope.STATEMENT, "The SELECT permission was denied on the column '{column}' of the object '{name}'."),
    241: (16, 1, Scope.BATCH, "Conversion failed when converting date and/or time from character string."),
    245: (16, 1, Scope.BATCH, "Conversion failed when converting the {source} value '{value}' to data type {target}."),
    257: (16, 3, Scope.COMPILE, "Implicit conversion from data type {source} to {target} is not allowed. Use the CONVERT function to run this query."),
    297: (16, 1, Scope.STATEMENT, "The user does not have permission to perform this action."),
    300: (14, 1, Scope.STATEMENT, "{permission} permission was denied on object 'server', database 'master'."),
    402: (16, 1, Scope.COMPILE, "The data types {source} and {target} are incompatible in the {operator} operator."),
    447: (16, 0, Scope.COMPILE, "Expression type {name} is invalid for COLLATE clause."),
    448: (16, 1, Scope.COMPILE, "Invalid collation '{name}'."),
    468: (16, 9, Scope.COMPILE, 'Cannot resolve the collation conflict between "{one}" and "{other}" in the {operator} operation.'),
    512: (16, 1, Scope.STATEMENT, "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression."),
    911: (16, 1, Scope.BATCH, "Database '{name}' does not exist. Make sure that the name is entered correctly."),
    916: (14, 1, Scope.BATCH, 'The server principal "{login}" is not able to access the database "{name}" under the current security context.'),
    923: (14, 1, Scope.BATCH, "Database '{name}' is in restricted mode. Only the database owner and members of the dbcreator and sysadmin roles can access it."),
    924: (14, 1, Scope.BATCH, "Database '{name}' is already open and can only have one user at a time."),
    942: (14, 4, Scope.BATCH, "Database '{name}' cannot be opened because it is offline."),
    2812: (16, 62, Scope.STATEMENT, "Could not find stored procedure '{name}'."),
    4060: (11, 1, Scope.BATCH, 'Cannot open database "{name}" requested by the login. The login failed.'),
    4064: (11, 1, Scope.BATCH, "Cannot open user default database. Login failed."),
    4145: (15, 1, Scope.COMPILE, "An expression of non-boolean type specified in a context where a condition is expected."),
    4104: (16, 1, Scope.COMPILE, 'The multi-part identifier "{name}" could not be bound.'),
    5701: (0, 2, Scope.STATEMENT, "Changed database context to '{name}'."),
    8114: (16, 5, Scope.BATCH, "Error converting data type {source} to {target}."),
    8115: (16, 2, Scope.BATCH, "Arithmetic overflow error converting expression to data type {name}."),
    8144: (16, 2, Scope.STATEMENT, "Procedure or function {name} has too many arguments specified."),
    8145: (16, 1, Scope.STATEMENT, "{name} is not a parameter for procedure ."),
    8117: (16, 1, Scope.COMPILE, "Operand data type {name} is invalid for {operator} operator."),
    8120: (16, 1, Scope.COMPILE, "Column '{name}' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause."),
    8169: (16, 2, Scope.BATCH, "Conversion failed when converting from a character string to uniqueidentifier."),
    8178: (16, 1, Scope.STATEMENT, "The parameterized query '{name}' expects the parameter '{parameter}', which was not supplied."),
    8179: (16, 2, Scope.BATCH, "Could not find prepared statement with handle {name}."),
    15151: (16, 1, Scope.STATEMENT, "Cannot find the {kind} '{name}', because it does not exist or you do not have permission."),
    15404: (16, 11, Scope.STATEMENT, "Could not obtain information about Windows NT group/user '{name}', error code {code}."),
    15406: (16, 1, Scope.STATEMENT, 'Cannot execute as the server principal because the principal "{name}" does not exist, this type of principal cannot be impersonated, or you do not have permission.'),
    18452: (14, 1, Scope.BATCH, "Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication."),
    18456: (14, 1, Scope.BATCH, "Login failed for user '{name}'."),
    18470: (14, 1, Scope.BATCH, "Login failed for user '{name}'. Reason: The account is disabled."),
    18486: (14, 1, Scope.BATCH, "Login failed for user '{name}' because the account is currently locked out. The system administrator can unlock it."),
    18487: (14, 1, Scope.BATCH, "Login failed for user '{name}'.  Reason: The password of the account has expired."),
    18488: (14, 1, Scope.BATCH, "Login failed for user '{name}'.  Reason: The password of the account must be changed."),
}  # fmt: skip
NOT_EVALUATED = (
    60000  # no number of SQL Server's: what this simulator cannot do is never an empty answer
)


def error(number: int, **values: object) -> SqlError:
    """One of MESSAGES with its values filled in."""
    severity, state, scope, text = MESSAGES[number]
    return SqlError(number, text.format(**values), severity, state, scope=scope)


def not_evaluated(construct: str) -> SqlError:
    """The simulator does not evaluate this; `construct` says what."""
    return SqlError(
        NOT_EVALUATED, f"The simulated SQL Server cannot evaluate {construct}.", scope=Scope.COMPILE
    )
