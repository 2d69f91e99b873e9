import FHIR
import Primitives
import Testing

/// The operators of FHIRPath 2.0, chapter 6.
@Suite struct FHIRPathOperatorTests {
  @Test func equality() throws {
    try FHIRPathSupport.check([
      ("1 = 1", "true"), ("1 = 1.0", "true"), ("1 = {}", ""), ("{} = {}", ""), ("1 != 2", "true"),
      ("{} != 1", ""), ("'a' = 'A'", "false"), ("true = 'true'", "false"), ("1 = '1'", "false"),
      ("(1|2) = (1|2)", "true"), ("(1|2) = (2|1)", "false"), ("(1|2) = 1", "false"),
      ("name = name", "true"), ("name[0] = name[2]", "false"),
      ("name[0].given = name[2].given", "true"),
      ("1.10 = 1.1", "true"), ("0.1 + 0.2 = 0.3", "true"), ("@2012 = @2012", "true"),
      ("@2012 = @2013", "false"), ("@2012-01 = @2012", ""),
      ("@2012-04-15 = @2012-04-15T10:00:00", ""),
      ("@2012-04-15 = @2012-04-16T10:00:00", "false"),
      ("@2012-01-01T10:30:31.0 = @2012-01-01T10:30:31", "true"),
      ("@2012-01-01T10:30:31 = @2012-01-01T10:30", ""),
      ("@2017-11-05T01:30:00.0-04:00 = @2017-11-05T00:30:00.0-05:00", "true"),
      ("@2012-04-15T15:00:00Z = @2012-04-15T10:00:00", ""), ("@T10:30 = @T10:30:00", ""),
      ("@T10:30:00 = @T10:30:00.000", "true"), ("@2012 = @T10", "false"),
      ("1 'h' = 3600 's'", "true"), ("1 hour = 3600 's'", "true"), ("1 'g' = 1000 'mg'", "true"),
      ("1 'g' = 1 's'", ""), ("1 year = 12 months", "true"), ("1 year = 365 days", ""),
      ("3 days = 3 'd'", "true"), ("5 = 5 '1'", "true"),
    ])
  }

  @Test func equivalence() throws {
    try FHIRPathSupport.check([
      ("{} ~ {}", "true"), ("{} ~ 1", "false"), ("{} !~ 1", "true"), ("'a  B' ~ 'A b'", "true"),
      ("1.10 ~ 1.1", "true"), ("1.11 ~ 1.1", "true"), ("1.16 ~ 1.1", "false"),
      ("(1|2|3) ~ (3|2|1)", "true"), ("(1|2) ~ (1|3)", "false"), ("@2012-01 ~ @2012", "false"),
      ("@2012-04-15T15:00:00Z ~ @2012-04-15T10:00:00", "false"), ("1 'a' ~ 1 year", "true"),
      ("1 'mo' ~ 1 month", "true"), ("name ~ name", "true"), ("name[0] ~ name[1]", "false"),
      ("name.given ~ (name[2].given | 'jim')", "false"), ("'1' ~ 1", "false"),
      ("telecom[0] ~ telecom[1]", "false"), ("extension[0] ~ extension[0]", "true"),
      ("extension[0] ~ extension[1]", "false"),
    ])
  }

  @Test func order() throws {
    try FHIRPathSupport.check([
      ("1 < 2", "true"), ("2 <= 2.0", "true"), ("'a' < 'b'", "true"), ("1 > {}", ""),
      ("{} < {}", ""), ("@2012 < @2013", "true"), ("@2012-04 < @2012", ""),
      ("@2012-04-15 < @2012-04-16T00:00:00", "true"), ("@T10:30 > @T10:29:59", "true"),
      ("@2012-04-15T15:00:00+02:00 > @2012-04-15T15:00:00Z", "false"),
      ("4 'g' > 3999 'mg'", "true"), ("4 'g' > 1 's'", ""), ("1 week > 6 days", "true"),
      ("1 < 'a'", "!invalid"), ("true < false", "!invalid"), ("(1|2) < 3", "!invalid"),
      ("birthDate < @1980-01-01", "true"), ("birthDate < today()", "true"),
      ("telecom.rank[0] > telecom.rank[1]", "true"),
    ])
  }

  @Test func threeValues() throws {
    let rows: [(String, String, String, String, String, String)] = [
      ("true", "true", "true", "true", "false", "true"),
      ("true", "false", "false", "true", "true", "false"),
      ("true", "{}", "", "true", "", ""),
      ("false", "true", "false", "true", "true", "true"),
      ("false", "false", "false", "false", "false", "true"),
      ("false", "{}", "false", "", "", "true"),
      ("{}", "true", "", "true", "", "true"),
      ("{}", "false", "false", "", "", ""),
      ("{}", "{}", "", "", "", ""),
    ]
    for (a, b, and, or, xor, implies) in rows {
      try FHIRPathSupport.check([
        ("\(a) and \(b)", and), ("\(a) or \(b)", or), ("\(a) xor \(b)", xor),
        ("\(a) implies \(b)", implies),
      ])
    }
    try FHIRPathSupport.check([
      ("'x' and 1", "true"), ("name[0] and true", "true"), ("(1|2) and true", "!invalid"),
      ("false and (1|2)", "false"), ("true or (1|2)", "true"), ("active and gender", "true"),
      ("deceased or false", "false"),
    ])
  }

  @Test func membership() throws {
    try FHIRPathSupport.check([
      ("1 in (1|2)", "true"), ("3 in (1|2)", "false"), ("{} in (1|2)", ""), ("1 in {}", "false"),
      ("(1|2) contains 1", "true"), ("{} contains 1", "false"), ("(1|2) contains {}", ""),
      ("(1|2) in (1|2)", "!invalid"), ("gender in ('male'|'female')", "true"),
      ("name.given contains 'Jim'", "true"),
    ])
  }

  @Test func numbers() throws {
    try FHIRPathSupport.check([
      ("1 / 3", "0.3333333333333333333333333333"), ("1 / 4", "0.25"), ("6 / 2", "3"),
      ("5 div 2", "2"), ("-5 div 2", "-2"), ("5.5 div 0.7", "7"), ("5 mod 2", "1"),
      ("-5 mod 3", "-2"), ("5.5 mod 0.7", "0.6"), ("1 / 0", ""), ("1 div 0", ""), ("1 mod 0", ""),
      ("1.0 mod 0.0", ""), ("2147483647 + 1", ""), ("2147483647 * 2", ""), ("1.1 * 1.1", "1.21"),
      ("1.10 + 2.2", "3.30"), ("3 - 1.5", "1.5"), ("1 + {}", ""), ("1 + 'a'", "!invalid"),
      ("(0 - 2147483647 - 1) div -1", ""), ("(0 - 2147483647 - 1) mod -1", "0"),
      ("(0 - 2147483647 - 1).abs()", ""), ("-(0 - 2147483647 - 1)", ""),
      ("99999999999999999999.99 * 99999999999999999999.99", ""),
      ("12345678901234567890.12 * 1000000000000.5", "12345678901240740729570617283945.060"),
      ("1 'g' + 500 'mg'", "1.5 'g'"), ("1 'g' - 1 's'", ""), ("2 'cm' * 3", "6 'cm'"),
      ("6 'cm' / 2", "3 'cm'"), ("6 'cm' / 2 'cm'", "3 '1'"), ("2 'cm' * 2 'cm'", ""),
    ])
  }

  @Test func datesMoveByTheCalendar() throws {
    try FHIRPathSupport.check([
      ("@1973-12-25 + 7 days", "1974-01-01"), ("@1973-12-25 + 7.9 days", "1974-01-01"),
      ("@2016-01-31 + 1 month", "2016-02-29"), ("@2016-02-29 + 1 year", "2017-02-28"),
      ("@2016-02-29 - 4 years", "2012-02-29"), ("@2016 + 1 month", "2016"),
      ("@2016 + 24 months", "2018"), ("@2016-03 - 1 month", "2016-02"),
      ("@2016-03 + 40 days", "2016-04"),
      ("@2016-01-01 + 25 hours", "2016-01-02"), ("@2016-01-01 + 23 hours", "2016-01-01"),
      ("@2016-01-01T23:30:00Z + 45 minutes", "2016-01-02T00:15:00Z"),
      ("@2016-01-01T00:00:00.5 - 1 second", "2015-12-31T23:59:59.5"),
      ("@2016-01-01T00:00:00.000 + 10 'ms'", "2016-01-01T00:00:00.010"),
      ("@T23:30:00 + 1 hour", "00:30:00"), ("@T00:00 - 1 minute", "23:59"),
      ("@2016-01-01 + 1 'wk'", "2016-01-08"), ("@2016-01-01 + 1 'a'", "!invalid"),
      ("@2016-01-01 + 1 'mg'", "!invalid"), ("@2016-01-01 + 1", "!invalid"),
      ("@T10:00 + 1 day", "!invalid"),
      ("@9999-12-31 + 1 day", ""), ("@0001-01-01 - 1 day", ""), ("@2016-01-01 + {}", ""),
      ("@2016-01-01 + 99999999999999999999 days", ""), ("birthDate + 1 day", "1974-12-26"),
      ("birthDate.toDate() + 1 day", "1974-12-26"),
    ])
  }
}
