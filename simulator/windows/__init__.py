"""What runs the commands that WinRM takes: a real PowerShell beside a stand-in for Windows, or a
recording.

Others may use twin.load_twin, and runner's PowerShellRunner, ReplayRunner and choose_runner.
"""
