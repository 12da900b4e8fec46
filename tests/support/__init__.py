"""What the black-box tests share. See README.md."""

from .client import Answer, Client
from .program import MockApi, Process, Program, Server, free_port, main, mbflow, patience, wait_for

__all__ = ["Answer", "Client", "MockApi", "Program", "Server", "free_port", "main", "mbflow", "patience", "wait_for"]
