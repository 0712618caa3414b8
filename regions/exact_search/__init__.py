"""The exact search over cells: tasks, kernel calls, workers, journal, random descents."""
