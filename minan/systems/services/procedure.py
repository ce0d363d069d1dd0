"""A shop on the list 便民商户 and an order at it 便民订单. 无证无照经营查处办法; 消费者权益保护法 art. 39 (引用前请核对)."""

from __future__ import annotations

from minan.systems.services import order, shop

PROCEDURE = shop.PROCEDURE
MORE = (order.PROCEDURE,)
