//! The comparison as a picture: deliveries per second divided by the baseline's, one bar for each
//! server.

use maud::{PreEscaped, html};

use super::contestants::YARDSTICK;
use super::rows::{Goal, ROWS};
use super::sample::{Sample, Samples};
use super::verdict::Verdict;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 230.0;
const RIGHT: f64 = 60.0;
const BAR: f64 = 14.0;
const GAP: f64 = 16.0;
const TOP: f64 = 56.0;

/// Colours that remain distinct under colour blindness.
const COLOURS: [&str; 6] = ["#0072b2", "#999999", "#d55e00", "#009e73", "#cc79a7", "#e69f00"];

/// A bar, with the row's name if it is the first of its row.
struct Bar<'a> {
    title: Option<(&'a str, String)>,
    server: &'a str,
    ratio: f64,
    least: f64,
    most: f64,
    goal: f64,
    colour: &'a str,
    y: f64,
}

/// The picture, as an SVG document.
pub(super) fn chart(samples: &[Sample]) -> String {
    let (bars, height) = bars(Samples(samples));
    let longest = bars.iter().map(|bar| bar.most.max(bar.goal)).fold(1.0, f64::max);
    let x = |ratio: f64| LEFT + ratio / longest * (WIDTH - LEFT - RIGHT);
    let view = format!("0 0 {WIDTH} {height:.0}");
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox=(view) width=(WIDTH) height=(shown(height))
            font-family="sans-serif" font-size="11" {
            rect width="100%" height="100%" fill="#ffffff" {}
            text x="12" y="22" font-size="15" font-weight="bold" {
                "Deliveries per second, by the baseline's"
            }
            text x="12" y="40" fill="#555555" {
                "median of the rounds, thin line from least to greatest; "
                "the mark is the goal for parlance"
            }
            @for bar in &bars {
                @if let Some((name, shape)) = &bar.title {
                    text x="12" y=(shown(bar.y + 11.0)) font-weight="bold" { (name) }
                    text x="12" y=(shown(bar.y + 25.0)) font-size="9" fill="#555555" { (shape) }
                }
                text x=(shown(LEFT - 6.0)) y=(shown(bar.y + 11.0)) text-anchor="end" {
                    (bar.server)
                }
                rect x=(shown(LEFT)) y=(shown(bar.y + 1.0)) width=(shown(x(bar.ratio) - LEFT))
                    height=(shown(BAR - 3.0)) fill=(bar.colour) {}
                line x1=(shown(x(bar.least))) x2=(shown(x(bar.most))) y1=(shown(bar.y + 6.5))
                    y2=(shown(bar.y + 6.5)) stroke="#000000" stroke-width="1" {}
                text x=(shown(x(bar.most) + 5.0)) y=(shown(bar.y + 11.0)) {
                    (format!("{:.2}", bar.ratio))
                }
                @if bar.server == "parlance" {
                    line x1=(shown(x(bar.goal))) x2=(shown(x(bar.goal))) y1=(shown(bar.y - 2.0))
                        y2=(shown(bar.y + BAR)) stroke="#000000" stroke-width="2" {}
                }
            }
        }
    };
    let PreEscaped(text) = svg;
    text + "\n"
}

fn bars(samples: Samples<'_>) -> (Vec<Bar<'_>>, f64) {
    let (mut bars, mut y) = (Vec::new(), TOP);
    let servers = samples.servers();
    for row in &ROWS {
        let Goal::Ratio { rate: goal, .. } = row.goal else { continue };
        let mut title = Some((row.name, row.shape()));
        for (&server, colour) in servers.iter().zip(COLOURS.iter().cycle()) {
            if server == YARDSTICK {
                continue; // its ratio is always 1
            }
            let Some(rate) = Verdict::of(row, server, samples, YARDSTICK).rate else { continue };
            let (ratio, least, most) = (rate.median, rate.least, rate.most);
            bars.push(Bar { title: title.take(), server, ratio, least, most, goal, colour, y });
            y += BAR;
        }
        if title.is_none() {
            y += GAP;
        }
    }
    (bars, y)
}

/// A coordinate, rounded to visible digits.
fn shown(value: f64) -> String {
    format!("{value:.1}")
}
