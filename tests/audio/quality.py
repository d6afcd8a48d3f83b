"""How good a tone is that was carried somewhere."""

import numpy as np

SECOND = 8000


def worst_snr(samples, frequency, window=SECOND):
    """The smallest SNR in dB of all windows: what a sine of the best-fitting frequency, level and phase leaves over."""
    count = len(samples) // window
    return min(snr(samples[at * window : (at + 1) * window], frequency) for at in range(count))


def snr(samples, frequency):
    """Of one window. The frequency may be off by some hundred parts in a million, as clocks are."""
    at = np.arange(len(samples)) - len(samples) / 2
    samples = np.asarray(samples, float)
    omega = 2 * np.pi * frequency / 8000
    for _ in range(4):
        cosine, sine = np.cos(omega * at), np.sin(omega * at)
        table = np.stack((cosine, sine, at * cosine, at * sine), axis=1)
        a, b, c, d = np.linalg.lstsq(table, samples, rcond=None)[0]
        omega += (b * c - a * d) / (a * a + b * b)
    table = np.stack((np.cos(omega * at), np.sin(omega * at)), axis=1)
    fit = table @ np.linalg.lstsq(table, samples, rcond=None)[0]
    return 10 * np.log10(np.mean(fit**2) / max(1e-15, np.mean((samples - fit) ** 2)))
