//! The comparison as a picture: for each row and server one bar in each of two panels, the rate
//! and the processor time, as multiples of the yardstick's. A panel without data is left out.

use maud::{Markup, PreEscaped, html};

use super::contestants::YARDSTICK;
use super::rows::{Goal, ROWS};
use super::sample::{Sample, Samples, Spread};
use super::table::OURS;
use super::verdict::Verdict;

const WIDTH: f64 = 860.0;
/// Right end of the servers' names, which stand before the first panel.
const NAMES: f64 = 252.0;
/// Where the first panel begins.
const PANELS: f64 = 260.0;
/// Width of a figure behind a bar, with the space to the next panel.
const FIGURE: f64 = 80.0;
const TOP: f64 = 92.0;
const BAR: f64 = 15.0;
const GAP: f64 = 14.0;
/// Minimum height of a row: its name, and two lines that describe it.
const ROW: f64 = 42.0;
const AXIS: f64 = 34.0;
/// Multiples beyond this are cut off, because they would make all others short.
const FARTHEST: f64 = 3.0;

/// Colours that remain distinct under colour blindness.
const COLOURS: [&str; 6] = ["#0072b2", "#999999", "#d55e00", "#009e73", "#cc79a7", "#e69f00"];

/// One of the two figures: where its bars are, and what they mean.
struct Panel {
    title: &'static str,
    better: &'static str,
    left: f64,
    /// Width of the longest bar; the figures stand behind it, so that nothing crosses them.
    width: f64,
    /// The multiple at its right end.
    most: f64,
    ratio: fn(&Verdict) -> Option<Spread>,
    goal: fn(Goal) -> Option<f64>,
}

/// A server in a row.
struct Line<'a> {
    server: &'a str,
    colour: &'a str,
    verdict: Verdict,
    goal: Option<Goal>,
    y: f64,
}

/// A row: its name, what it is in words, and where it begins.
struct Title {
    name: &'static str,
    words: [String; 2],
    y: f64,
}

/// The picture, as an SVG document. Goals are multiples of the baseline's, so another yardstick has
/// none.
pub(super) fn chart(samples: &[Sample], yardstick: &str) -> String {
    let (titles, lines, bottom) = layout(Samples(samples), yardstick);
    let panels = panels(&lines);
    let height = bottom + AXIS;
    let view = format!("0 0 {WIDTH} {height:.0}");
    let whose = if yardstick == YARDSTICK { "the baseline" } else { yardstick };
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(view) width=(WIDTH) height=(shown(height))
            font-family="sans-serif" font-size="11" {
            rect width="100%" height="100%" fill="#ffffff" {}
            text x="12" y="22" font-size="15" font-weight="bold" {
                "Multiples of what " (whose) " reaches in the same round"
            }
            text x="12" y="40" fill="#555555" {
                "bar and figure: median of the rounds; thin line: least to greatest"
                @if yardstick == YARDSTICK { "; triangle: the goal for parlance" }
            }
            @for panel in &panels { (axis(panel, whose, bottom)) }
            @for title in &titles {
                text x="12" y=(shown(title.y + 11.0)) font-weight="bold" { (title.name) }
                @for (words, y) in title.words.iter().zip([24.0, 35.0]) {
                    text x="12" y=(shown(title.y + y)) font-size="9" fill="#555555" { (words) }
                }
            }
            @for line in &lines {
                text x=(shown(NAMES)) y=(shown(line.y + 11.0)) text-anchor="end" { (line.server) }
                @for panel in &panels { (bar(panel, line)) }
            }
        }
    };
    let PreEscaped(text) = svg;
    text + "\n"
}

/// The panels that have bars, beside each other.
fn panels(lines: &[Line<'_>]) -> Vec<Panel> {
    let mut panels: Vec<_> = kinds()
        .into_iter()
        .filter(|panel| lines.iter().any(|line| (panel.ratio)(&line.verdict).is_some()))
        .collect();
    let each = (WIDTH - PANELS) / f64::from(u8::try_from(panels.len().max(1)).unwrap_or(u8::MAX));
    let mut left = PANELS;
    for panel in &mut panels {
        let ratios = lines.iter().filter_map(|line| (panel.ratio)(&line.verdict));
        let goals = lines.iter().filter_map(|line| line.goal.and_then(panel.goal));
        let longest = ratios.map(|it| it.most).chain(goals).fold(1.0, f64::max);
        panel.most = ((longest * 2.0).ceil() / 2.0).min(FARTHEST);
        (panel.left, panel.width) = (left, each - FIGURE);
        left += each;
    }
    panels
}

/// Both figures, without a place yet.
fn kinds() -> [Panel; 2] {
    let panel = |title, better, ratio, goal| Panel {
        title,
        better,
        left: 0.0,
        width: 0.0,
        most: 1.0,
        ratio,
        goal,
    };
    let rate = |goal| match goal {
        Goal::Ratio { rate, .. } => Some(rate),
        Goal::Bytes(_) => None,
    };
    let cpu = |goal| match goal {
        Goal::Ratio { cpu, .. } => cpu,
        Goal::Bytes(_) => None,
    };
    [
        panel("deliveries per second", "longer is better", |it| it.rate, rate),
        panel("processor time per delivery", "shorter is better", |it| it.cpu, cpu),
    ]
}

impl Panel {
    fn x(&self, multiple: f64) -> f64 {
        self.left + multiple.min(self.most) / self.most * self.width
    }
}

/// Title, grid and scale of a panel; the line at 1.0 is the yardstick.
fn axis(panel: &Panel, whose: &str, bottom: f64) -> Markup {
    let steps = (0_u8..).map(|half| f64::from(half) / 2.0).take_while(|&at| at <= panel.most);
    html! {
        text x=(shown(panel.left)) y="60" font-weight="bold" {
            (panel.title)
            tspan font-weight="normal" fill="#555555" { ", " (panel.better) }
        }
        @for (at, x) in steps.map(|at| (at, shown(panel.x(at)))) {
            line x1=(x) x2=(x) y1=(shown(TOP - 8.0)) y2=(shown(bottom)) stroke="#dddddd" {}
            @for y in [TOP - 12.0, bottom + 12.0] {
                text x=(x) y=(shown(y)) text-anchor="middle" font-size="9" fill="#555555" {
                    (format!("{at:.1}"))
                }
            }
        }
        line x1=(shown(panel.x(1.0))) x2=(shown(panel.x(1.0))) y1=(shown(TOP - 8.0))
            y2=(shown(bottom)) stroke="#000000" stroke-dasharray="4 2" {}
        text x=(shown(panel.x(1.0))) y=(shown(bottom + 25.0)) text-anchor="middle" font-size="9" {
            "1.0 = " (whose)
        }
    }
}

/// One bar: its median, the spread, the figure behind the panel, and the goal above the bar.
fn bar(panel: &Panel, line: &Line<'_>) -> Markup {
    let Some(Spread { median, least, most }) = (panel.ratio)(&line.verdict) else {
        return html! {};
    };
    let (y, end) = (line.y + 3.0, panel.x(median));
    let middle = shown(y + 5.0);
    html! {
        rect x=(shown(panel.left)) y=(shown(y)) width=(shown(end - panel.left)) height="10"
            fill=(line.colour) {}
        @if least < panel.most {
            line x1=(shown(panel.x(least))) x2=(shown(panel.x(most))) y1=(middle) y2=(middle)
                stroke="#000000" {}
        }
        @if median > panel.most {
            // The bar goes on.
            text x=(shown(end - 4.0)) y=(shown(y + 9.0)) text-anchor="end" fill="#ffffff" { "»" }
        }
        text x=(shown(panel.left + panel.width + 36.0)) y=(shown(y + 9.0)) text-anchor="end" {
            (format!("{median:.2}"))
        }
        @if let Some(goal) = line.goal.and_then(panel.goal) {
            path d=(triangle(panel.x(goal), y)) fill="#000000" {
                title { (format!("goal {goal:.2}")) }
            }
        }
    }
}

/// A triangle that points down to the bar at `y`.
fn triangle(x: f64, y: f64) -> String {
    format!("M{:.1} {:.1}h8l-4 6z", x - 4.0, y - 6.0)
}

/// Rows and bars from the top down, and where they end.
fn layout<'a>(samples: Samples<'a>, yardstick: &str) -> (Vec<Title>, Vec<Line<'a>>, f64) {
    let (mut titles, mut lines, mut y) = (Vec::new(), Vec::new(), TOP);
    let servers = samples.servers();
    for row in ROWS.iter().filter(|row| matches!(row.goal, Goal::Ratio { .. })) {
        let top = y;
        for (&server, colour) in servers.iter().zip(COLOURS.iter().cycle()) {
            let verdict = Verdict::of(row, server, samples, yardstick);
            // The yardstick's own ratio is always 1.
            if server == yardstick || (verdict.rate.is_none() && verdict.cpu.is_none()) {
                continue;
            }
            let goal = (server == OURS && yardstick == YARDSTICK).then_some(row.goal);
            lines.push(Line { server, colour, verdict, goal, y });
            y += BAR;
        }
        if y > top {
            titles.push(Title { name: row.name, words: row.words(), y: top });
            y = y.max(top + ROW) + GAP;
        }
    }
    (titles, lines, y)
}

/// A coordinate, rounded to visible digits.
fn shown(value: f64) -> String {
    format!("{value:.1}")
}
