//! What the browsers' camera sees: a small film, played again and again. Two processors encode and decode all of it, so it has
//! no more pixels and frames than a proof needs.

/// Pixels.
const WIDTH: usize = 320;
const HEIGHT: usize = 180;
const FRAMES: usize = 10;
const FRAMES_A_SECOND: usize = 10;

/// A head and shoulders before a wall, nodding from side to side, as YUV4MPEG2: each frame is the luma of all pixels, then both
/// chromas of every second one in every second row.
pub fn film() -> Vec<u8> {
    let mut film = format!("YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n").into_bytes();
    for frame in 0..FRAMES {
        let swing = frame.min(FRAMES - frame) * 4;
        film.extend(b"FRAME\n");
        film.extend(pixels(1).map(|(x, y)| if is_person(x, y, swing) { 200 } else { 70 + luma_of_wall(y) }));
        film.extend(pixels(2).map(|(x, y)| if is_person(x, y, swing) { 110 } else { 150 }));
        film.extend(pixels(2).map(|(x, y)| if is_person(x, y, swing) { 150 } else { 115 }));
    }
    film
}

/// Every pixel that has a value, where each stands for so many a side.
fn pixels(side: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..HEIGHT).step_by(side).flat_map(move |y| (0..WIDTH).step_by(side).map(move |x| (x, y)))
}

fn luma_of_wall(y: usize) -> u8 {
    u8::try_from(y / 4).expect("less than the height")
}

fn is_person(x: usize, y: usize, swing: usize) -> bool {
    let within =
        |left: usize, top: usize, radius: usize| x.abs_diff(left).pow(2) + y.abs_diff(top).pow(2) < radius.pow(2);
    within(WIDTH / 2 - 10 + swing, 80, 36) || within(WIDTH / 2, 200, 75)
}
