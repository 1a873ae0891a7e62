"""Numbers of [MS-TDS] (protocols 7.4 and 8.0) under the specification's own names, with its section
numbers."""

from enum import IntEnum, IntFlag

HEADER_LENGTH = 8  # 2.2.3.1
END_OF_MESSAGE, RESET_CONNECTION = 0x01, 0x08  # 2.2.3.1.2 Status: those that are simulated
DEFAULT_PACKET_SIZE = 4096  # 2.2.6.4 (LOGIN7, PacketSize)
TDS_7_4, TDS_8_0 = 0x74000004, 0x08000000  # 2.2.7.14 LOGINACK, TDSVersion
# 2.2.6.5 PL_OPTION_TOKEN: 0 to 4 are VERSION, ENCRYPTION, INSTOPT, THREADID, MARS.
ENCRYPTION, TERMINATOR = 0x01, 0xFF
TEXT = "utf-16-le"  # 2.2.5.1.2: Unicode character data
SP_EXECUTESQL, SP_PREPEXEC, SP_UNPREPARE = 10, 13, 15  # 2.2.6.6 RPC Request, ProcID
SELECT_COMMAND = 0xC1  # 2.2.7.6 CurCmd, which the specification leaves open; seen for SELECT


class PacketType(IntEnum):
    """2.2.3.1.1 Type."""

    SQL_BATCH = 0x01
    RPC = 0x03
    TABULAR_RESULT = 0x04
    ATTENTION = 0x06
    TRANSACTION_MANAGER = 0x0E
    LOGIN7 = 0x10
    PRELOGIN = 0x12


class Encryption(IntEnum):
    """2.2.6.5 ENCRYPTION."""

    OFF = 0x00  # only the login is encrypted
    ON = 0x01
    NOT_SUPPORTED = 0x02
    REQUIRED = 0x03


class Token(IntEnum):
    """2.2.7: token types of a tabular result."""

    RETURNSTATUS = 0x79
    COLMETADATA = 0x81
    ERROR = 0xAA
    INFO = 0xAB
    RETURNVALUE = 0xAC
    LOGINACK = 0xAD
    ROW = 0xD1
    ENVCHANGE = 0xE3
    DONE = 0xFD
    DONEPROC = 0xFE
    DONEINPROC = 0xFF


class DoneStatus(IntFlag):
    """2.2.7.6 DONE, Status."""

    FINAL = 0x000
    MORE = 0x001
    ERROR = 0x002
    COUNT = 0x010
    ATTENTION = 0x020


class EnvChange(IntEnum):
    """2.2.7.9 ENVCHANGE, Type."""

    DATABASE = 1
    LANGUAGE = 2
    PACKET_SIZE = 4
    COLLATION = 7
    RESET_CONNECTION = 18
