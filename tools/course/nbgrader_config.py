"""A course directory of nbgrader's. Students' notebooks lie in submitted/STUDENT/ASSIGNMENT."""

c = get_config()  # noqa: F821 - nbgrader defines it

c.CourseDirectory.course_id = "layer-normalization"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.ExecutePreprocessor.timeout = 120  # seconds, for a cell
