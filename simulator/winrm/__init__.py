"""A WinRM service on loopback: NTLM, CredSSP, Basic and certificates, shells and commands, a real
service's faults.

Others may use server.WsManServer, refusals.Fault with the faults beside it, and
authentication.Authenticator.
"""
