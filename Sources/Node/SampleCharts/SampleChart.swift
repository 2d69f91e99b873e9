/// One bundle of the made-up family that the program carries: for the demonstration, and for
/// whoever wants to try things before trusting them with a chart.
///
/// The texts are those of `Samples/`, embedded by `Scripts/embed-samples`, because a program that
/// is one file has no folder of resources to lose.
public struct SampleChart: Sendable {
  /// The name of the file in `Samples/`, without its ending.
  public let name: String
  /// A FHIR R4 transaction bundle.
  public let json: String

  /// Everything, in the order to import it: the charts refer to the organizations by identifier.
  public static let all = [organizations, juniperSamplewood, rowanSamplewood, wrenSamplewood]
  /// The patients' bundles alone.
  public static let family = [juniperSamplewood, rowanSamplewood, wrenSamplewood]
}
