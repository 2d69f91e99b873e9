package import Exchange

/// Opens an app out of the session, for the chart that is shown: says where that leads, and asks once.
package struct OpenAppPage: PageModel {
  package static let template = "open-app"
  package var app: LaunchableApp
  /// The id of the chart that the app is told; nil where the person's own is meant.
  package var chart: String?

  package init(app: LaunchableApp, chart: String?) {
    self.app = app
    self.chart = chart
  }

  package func title(_ strings: PortalStrings) -> String {
    strings("open_app.title", ["name": app.name])
  }

  package func content(_ strings: PortalStrings) -> PageObject {
    [
      "id": .text(app.id), "host": .text(app.host), "title": .text(title(strings)),
      "chart": .maybe(chart),
    ]
  }
}
