"""What is asked: the collectors (powershell/, sql/), the script that carries them,
and what their answers mean.

Others use `collect`, `collect_sql` and `from_here`; judging imports none of it.
"""
