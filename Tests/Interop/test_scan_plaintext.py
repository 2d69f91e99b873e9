"""scan_plaintext must find a value in every disguise it knows, and nothing where there is nothing."""

import base64
import contextlib
import io
import pathlib
import random
import tempfile
import unittest

import scan_plaintext

CHART = pathlib.Path(__file__).resolve().parents[2] / "Samples" / "juniper-samplewood.json"


class ScanTests(unittest.TestCase):
    def hits(self, value, data):
        return scan_plaintext.Scanner([("name", value)]).search(data)

    def test_each_encoding_is_found_amid_noise(self):
        value = "Quillfeather Lane, Zoë"
        noise = random.Random(7)
        for encoding, pattern in scan_plaintext.encodings(value):
            with self.subTest(encoding):
                data = noise.randbytes(5000) + pattern + noise.randbytes(5000)
                self.assertTrue(self.hits(value, data))

    def test_base64_is_found_at_every_alignment(self):
        for before in range(6):
            text = base64.b64encode(b"x" * before + b"Samplewood" + b"yz")
            self.assertEqual(self.hits("Samplewood", text), {("name", "base64")})

    def test_noise_has_no_hits(self):
        values = scan_plaintext.choose([CHART], 200, 1)
        self.assertGreater(len(values), 60)
        scanner = scan_plaintext.Scanner(values)
        self.assertEqual(scanner.search(random.Random(11).randbytes(300_000)), set())

    def test_digits_inside_a_longer_number_are_chance(self):
        self.assertEqual(self.hits("370143", b"ab37014399"), set())
        self.assertTrue(self.hits("370143", b'"370143"'))

    def test_every_value_is_found_in_the_text_it_came_from(self):
        with tempfile.TemporaryDirectory() as folder:
            for kind, value in scan_plaintext.choose([CHART], 200, 3):
                pathlib.Path(folder, "file").write_bytes(b"\0\1" + value.encode() + b"\2")
                found = scan_plaintext.Scanner([(kind, value)]).search(pathlib.Path(folder, "file").read_bytes())
                self.assertIn((kind, "as written"), found)

    def test_all_kinds_are_drawn_and_the_standard_is_left_out(self):
        values = scan_plaintext.choose([CHART], 200, 5)
        kinds = {kind for kind, _ in values}
        self.assertLessEqual({"name", "street", "contact", "date", "code", "display", "note", "identifier"}, kinds)
        self.assertNotIn("vital-signs", {value for _, value in values})

    def test_the_answer_names_the_file_and_not_the_value(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "clean").write_bytes(b"nothing here")
            self.assertEqual(self.run_main(folder)[0], 0)
            pathlib.Path(folder, "leak.db-wal").write_bytes(b"\0Samplewood\0")
            status, output = self.run_main(folder)
            self.assertEqual(status, 1)
            self.assertIn("leak.db-wal", output)
            self.assertNotIn("Samplewood", output)
            pathlib.Path(folder, "leak.db-wal").rename(pathlib.Path(folder, "samplewood"))
            self.assertEqual(self.run_main(folder)[0], 1)

    def test_nothing_to_search_in_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.run_main(folder)[0], 2)
            self.assertEqual(self.run_main(folder + "/missing")[0], 2)

    def run_main(self, folder):
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            status = scan_plaintext.main(["--chart", str(CHART), "--count", "400", "--in", folder])
        return status, output.getvalue()
