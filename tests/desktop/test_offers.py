"""What the window has for the palette."""

from __future__ import annotations

from support.datasets import dataset_row

from tickreel_desktop import offers


def test_datasets_are_found_by_all_their_words_and_follow_what_is_held() -> None:
    held = [dataset_row("binance", "BTCUSDT"), dataset_row("bybit", "ETHUSDT")]
    shown: list[str] = []
    provider = offers.datasets(lambda: held, lambda row: shown.append(row.symbol))
    assert list(provider.offer("")) == []
    assert [each.title for each in provider.offer("USDT bin")] == ["binance BTCUSDT trades"]
    held = [*held, dataset_row("okex", "ETHUSDT")]
    (_, found) = provider.offer("eth")
    assert found.title == "okex ETHUSDT trades"
    found.run()
    assert shown == ["ETHUSDT"]
    assert list(provider.offer("nexo")) == []
