"""The three houses of the demo."""

from experiences.demo.corvane.house import CORVANE
from experiences.demo.kronfeldt.house import KRONFELDT
from experiences.demo.ysolde.house import YSOLDE

HOUSES = (CORVANE, YSOLDE, KRONFELDT)
